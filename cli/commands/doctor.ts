import { readFile } from 'node:fs/promises';
import { allExaminations, type ConfigurationText } from '../../doctor/examinations.ts';
import { examined, type Finding, type FindingState } from '../../doctor/finding.ts';
import { AkashiError } from '../../schema/error.ts';
import { isMissing } from '../../vault/store-error.ts';
import { type Command, flagOption, type Invocation, textOption } from '../command.ts';
import { DEPLOYMENT_FILE } from '../deployment-file.ts';
import { doctorCost } from '../doctor-cost.ts';
import { FAILED } from '../exit-codes.ts';
import { progressLine } from '../progress.ts';
import { counted, folded, foldWidth, harmless, jsonText, paint } from '../terminal.ts';

/** What `akashi pull` reads. */
const CONNECTORS_FILE = 'connectors.json';

export const doctorCommand: Command = {
  name: 'doctor',
  summary:
    'what is well and what is missing: sandbox, lake, credentials, places, accounts; with the fix for each',
  usage: '[--config audit-trail.json] | --cost [--gb-per-day N]',
  about:
    'Looks at this machine, at the lake and, with a configuration, at the clouds: credentials, every place that logs are\n' +
    'collected from, and which accounts, regions, VPCs, subscriptions and projects are covered and which are not. Says of\n' +
    'everything whether it is well and what mends it when it is not. Changes nothing anywhere. What cannot be looked at is\n' +
    'unknown, and why. The configuration is that of a deployment, or the connectors.json of `akashi pull`.\n' +
    'Exit code 1 when something is missing.',
  options: {
    cost: { type: 'boolean', help: 'What a GB costs in AWS at this lake’s volume, by service; nothing else' },
    'gb-per-day': { type: 'string', value: 'N', help: 'With --cost: at this volume instead' },
    config: {
      type: 'string',
      value: 'file',
      help: `The configuration (default: ${DEPLOYMENT_FILE} or ${CONNECTORS_FILE}, where one is there)`,
    },
  },
  examples: ['akashi doctor', 'akashi doctor --config audit-trail.json --lake s3://example-vault --json'],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  if (flagOption(invocation, 'cost')) return doctorCost(invocation);
  const progress = progressLine('doctor');
  progress.update(0, 0, 'looking');
  const all = await allExaminations(invocation.lake, await configurationOf(invocation), Date.now());
  const findings = await examined(all).finally(() => progress.clear());
  process.stdout.write(`${invocation.json ? jsonText(asJson(findings)) : asText(findings)}\n`);
  return findings.some(({ state }) => state === 'missing') ? FAILED : 0;
}

/** The file that was named, or the first of those that lie here; null where there is none. */
async function configurationOf(invocation: Invocation): Promise<ConfigurationText | null> {
  const named = textOption(invocation, 'config');
  for (const where of named === undefined ? [DEPLOYMENT_FILE, CONNECTORS_FILE] : [named])
    try {
      return { text: await readFile(where, 'utf8'), where };
    } catch (cause) {
      if (named === undefined && isMissing(cause)) continue;
      throw new AkashiError(
        'CONFIG_MISSING',
        `"${where}" cannot be read: ${(cause as Error).message}. Name the configuration with --config.`,
        { cause },
      );
    }
  return null;
}

const countOf = (findings: readonly Finding[], wanted: FindingState): number =>
  findings.filter(({ state }) => state === wanted).length;

const asJson = (findings: readonly Finding[]) => ({
  ok: countOf(findings, 'ok'),
  missing: countOf(findings, 'missing'),
  unknown: countOf(findings, 'unknown'),
  findings,
});

const COLOURS = { ok: 'green', missing: 'red', unknown: 'yellow' } as const;
const STATE_WIDTH = 'missing'.length;

function asText(findings: readonly Finding[]): string {
  const indent = ' '.repeat(STATE_WIDTH + 4);
  const width = foldWidth() - indent.length;
  const lines = [...Map.groupBy(findings, ({ area }) => area)].flatMap(([area, own]) => [
    paint('bold', harmless(area)),
    ...shown(own).flatMap(({ state, what, fix }) => {
      const [first = '', ...rest] = folded(harmless(what), width);
      const remedy = fix === null ? [] : folded(`→ ${harmless(fix)}`, width);
      return [
        `  ${paint(COLOURS[state], state.padEnd(STATE_WIDTH))}  ${first}`,
        ...rest.map((line) => indent + line),
        ...remedy.map((line) => indent + paint('dim', line)),
      ];
    }),
    ...leftOut(own),
    '',
  ]);
  return [...lines, closing(findings)].join('\n');
}

/** Of one area; --json lists all. */
const MOST_WELL = 25;
const MOST_ILL = 50;

const isWell = ({ state }: Finding): boolean => state === 'ok';

function shown(own: readonly Finding[]): readonly Finding[] {
  const kept = new Set([
    ...own.filter(isWell).slice(0, MOST_WELL),
    ...own.filter((one) => !isWell(one)).slice(0, MOST_ILL),
  ]);
  return own.filter((one) => kept.has(one));
}

function leftOut(own: readonly Finding[]): string[] {
  const well = Math.max(0, own.filter(isWell).length - MOST_WELL);
  const ill = Math.max(0, own.filter((one) => !isWell(one)).length - MOST_ILL);
  if (well + ill === 0) return [];
  return [paint('dim', `  and ${well} more that are well, ${ill} that are not (--json lists all)`)];
}

function closing(findings: readonly Finding[]): string {
  const [absent, unseen] = [countOf(findings, 'missing'), countOf(findings, 'unknown')];
  if (absent > 0)
    return paint(
      'red',
      `${counted(absent, 'thing')} missing, ${unseen} unknown, ${countOf(findings, 'ok')} well`,
    );
  if (unseen > 0) return paint('yellow', `nothing known to be missing; ${unseen} could not be looked at`);
  return paint('green', `all well: ${counted(findings.length, 'thing')} looked at`);
}
