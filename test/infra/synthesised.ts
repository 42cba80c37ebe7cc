/** Templates for tests: of the example, or of a few properties, with functions that do nothing. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FUNCTIONS } from '../../functions/list.ts';
import { AuditTrail } from '../../infra/audit-trail.ts';
import type { AuditTrailConfiguration } from '../../infra/configuration.ts';
import { BINDING } from '../../infra/layer.ts';
import { LAYER } from '../../infra/stages/functions.ts';

export const ACCOUNT = '111122223333';
export const EXAMPLE = JSON.parse(
  readFileSync(new URL('../../infra/example/audit-trail.json', import.meta.url), 'utf8'),
) as AuditTrailConfiguration;

/** The least that can be written. */
export const LEAST: AuditTrailConfiguration = {
  region: 'eu-central-1',
  retention: 2557,
  connectors: [{ connector: 'aws.cloudtrail', name: 'org', delivery: 'bucket', bucket: 'example-trail' }],
};
export const TRIAL: AuditTrailConfiguration = {
  region: 'eu-central-1',
  trial: true,
  trail: 'account',
  connectors: [],
};

/** A folder as the build leaves it, with nothing in its files. */
export function emptyBuild(): string {
  const folder = mkdtempSync(join(tmpdir(), 'akashi-build-'));
  for (const path of [...FUNCTIONS.map(({ name }) => `functions/${name}/index.mjs`), `${LAYER}/${BINDING}`]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const build = emptyBuild();

export interface Synthesised {
  readonly app: App;
  readonly stack: Stack;
  readonly trail: AuditTrail;
  readonly template: Template;
}

/** CDK's own checks of templates take seconds and are run once, by the synthesis of the whole example. */
export function synthesised(
  configuration: AuditTrailConfiguration,
  account: string | null = ACCOUNT,
): Synthesised {
  const app = new App({ builtinCloudFormationValidation: false, analyticsReporting: false });
  const stack = new Stack(app, 'Akashi', {
    env: { region: configuration.region, ...(account === null ? {} : { account }) },
  });
  const trail = new AuditTrail(stack, 'AuditTrail', { ...configuration, build });
  return { app, stack, trail, template: Template.fromStack(stack) };
}
