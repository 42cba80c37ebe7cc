import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { azureBicep } from '../../cloud/azure/bicep.ts';
import { azurePlan } from '../../cloud/azure/plan.ts';
import { azureTerraform } from '../../cloud/azure/terraform.ts';
import { type GeneratedFile, HEADER } from '../../cloud/file.ts';
import { gcloudScript } from '../../cloud/gcp/gcloud.ts';
import { type GcpOptions, gcpPlan } from '../../cloud/gcp/plan.ts';
import { gcpTerraform } from '../../cloud/gcp/terraform.ts';
import type { Configuration } from '../../infra/configuration.ts';
import { AkashiError } from '../../schema/error.ts';
import { isMissing } from '../../vault/store-error.ts';
import { type Command, type Invocation, textOption } from '../command.ts';
import { DEPLOYMENT_FILE, readDeployment } from '../deployment-file.ts';
import { placeToMake } from '../out-place.ts';
import { harmless, jsonText, shellWord } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

type Generate = (configuration: Configuration, options: GcpOptions) => readonly GeneratedFile[];

interface Format {
  readonly generate: Generate;
  /** What is done with the files, in the folder they are in. */
  readonly next: string;
}

/** By cloud and format; the first of each is its default. */
const FORMATS: Readonly<Record<string, Readonly<Record<string, Format>>>> = {
  azure: {
    bicep: { generate: (file, options) => azureBicep(azurePlan(file, options)), next: './deploy.sh' },
    terraform: {
      generate: (file, options) => azureTerraform(azurePlan(file, options)),
      next: 'terraform init && terraform apply',
    },
  },
  gcp: {
    terraform: {
      generate: (file, options) => gcpTerraform(gcpPlan(file, options)),
      next: 'terraform init && terraform apply',
    },
    gcloud: { generate: (file, options) => gcloudScript(gcpPlan(file, options)), next: './connect.sh' },
  },
};

export const connectCommand: Command = {
  name: 'connect',
  summary:
    'the Azure and Google Cloud sides of a deployment as Bicep, Terraform or gcloud, from its configuration',
  usage: 'azure [--format bicep|terraform] | gcp [--format terraform|gcloud], --out DIR',
  about:
    `Writes what the other clouds need, from the same ${DEPLOYMENT_FILE} as everything else: exports of logs, and who may read\n` +
    'them. Nobody there gets a secret: they trust the role of the function that collects, in AWS. Asks no cloud and changes\n' +
    'none; the same configuration gives the same files. docs/azure.md and docs/gcp.md have the permissions.',
  words: 'any',
  options: {
    config: { type: 'string', value: 'file', help: `The configuration (default: ${DEPLOYMENT_FILE})` },
    format: {
      type: 'string',
      value: 'F',
      help: 'azure: bicep (the default) or terraform; gcp: terraform (the default) or gcloud',
    },
    out: { type: 'string', value: 'DIR', help: 'The folder to write to; made where it is not there' },
    account: {
      type: 'string',
      value: 'ID',
      help: 'AWS account of the deployment, where the configuration does not name it',
    },
    issuer: {
      type: 'string',
      value: 'URL',
      help: 'azure: issuer of its tokens; asked for when deployed unless given',
    },
    location: {
      type: 'string',
      value: 'L',
      help: 'gcp: where buckets lie, such as EU; asked for when deployed unless given',
    },
  },
  examples: [
    'akashi connect azure --config audit-trail.json --out azure',
    'akashi connect gcp --format gcloud --location EU --out gcp',
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [cloud, ...more] = invocation.words;
  const formats = cloud !== undefined && Object.hasOwn(FORMATS, cloud) ? FORMATS[cloud] : undefined;
  if (cloud === undefined || formats === undefined || more.length > 0)
    throw new UsageError(`connect takes one of ${Object.keys(FORMATS).join(' and ')}.`);
  const name = textOption(invocation, 'format') ?? Object.keys(formats)[0]!;
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (format === undefined)
    throw new UsageError(
      `"${name}" is no format of ${cloud}, which has ${Object.keys(formats).join(' and ')}.`,
    );
  const out = textOption(invocation, 'out');
  if (out === undefined) throw new UsageError('connect needs --out DIR, the folder to write to.');
  await placeToMake('out', out);
  const configuration = await readDeployment(textOption(invocation, 'config') ?? DEPLOYMENT_FILE);
  const files = format.generate(configuration, optionsOf(invocation));
  await write(out, files);
  const next = `cd ${shellWord(out)} && ${format.next}`;
  const written = files.map((file) => join(out, file.name));
  process.stdout.write(
    invocation.json
      ? `${jsonText({ cloud, format: name, files: written, next })}\n`
      : `${[...written.map(harmless), '', `Read them, then: ${harmless(next)}`].join('\n')}\n`,
  );
  return 0;
}

function optionsOf(invocation: Invocation): GcpOptions {
  const given = (['account', 'issuer', 'location'] as const).map((name) => [
    name,
    textOption(invocation, name),
  ]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as GcpOptions;
}

/** What somebody else wrote under the same name stays. */
async function write(folder: string, files: readonly GeneratedFile[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, text } of files) {
    const held = await readFile(join(folder, name), 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    if (held !== null && held !== text && !held.includes(HEADER[0]))
      throw new AkashiError(
        'CONNECT_OVERWRITE',
        `"${join(folder, name)}" is there and was not generated. Name another folder with --out, or move it away.`,
      );
  }
  for (const { name, text, executable } of files)
    await writeFile(join(folder, name), text, { mode: executable ? 0o755 : 0o644 });
}
