import { examined, type Finding, type FindingState } from '../../doctor/finding.ts';
import { lakeExamination } from '../../doctor/lake.ts';
import { sandboxExamination } from '../../doctor/sandbox.ts';
import type { Command, Invocation } from '../command.ts';
import { FAILED } from '../exit-codes.ts';
import { progressLine } from '../progress.ts';
import { counted, folded, foldWidth, harmless, jsonText, paint } from '../terminal.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary:
    'what is well and what is missing: sandbox, lake, credentials, places, accounts; with the fix for each',
  usage: '',
  about:
    'Looks at this machine and at the lake, and says of everything whether it is well and what mends it when it is not.\n' +
    'Changes nothing, neither here nor in any cloud. What cannot be looked at is said to be unknown, and why. Exit code 1\n' +
    'when something is missing.',
  options: {},
  examples: ['akashi doctor', 'akashi doctor --lake s3://example-vault --json'],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const progress = progressLine('doctor');
  progress.update(0, 0, 'looking');
  const findings = await examined([
    sandboxExamination(),
    lakeExamination(invocation.lake, Date.now()),
  ]).finally(() => progress.clear());
  process.stdout.write(`${invocation.json ? jsonText(asJson(findings)) : asText(findings)}\n`);
  return findings.some(({ state }) => state === 'missing') ? FAILED : 0;
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
    ...own.flatMap(({ state, what, fix }) => {
      const [first = '', ...rest] = folded(harmless(what), width);
      const remedy = fix === null ? [] : folded(`→ ${harmless(fix)}`, width);
      return [
        `  ${paint(COLOURS[state], state.padEnd(STATE_WIDTH))}  ${first}`,
        ...rest.map((line) => indent + line),
        ...remedy.map((line) => indent + paint('dim', line)),
      ];
    }),
    '',
  ]);
  return [...lines, closing(findings)].join('\n');
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
