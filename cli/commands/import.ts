import { resolve } from 'node:path';
import type { ResultVerdict } from '../../ledger/lake-results/judge.ts';
import { RESULT_STATES, SIGN_STATES } from '../../ledger/lake-results/states.ts';
import { type CollectResult, checkRequest, collect } from '../../stages/collect.ts';
import { recordVerdicts } from '../../stages/imported.ts';
import { judgeLakeResults, LAKE_PROOF, LAKE_SOURCE, signSpan } from '../../stages/lake-results.ts';
import { openLake } from '../../vault/lake.ts';
import type { Command, Invocation } from '../command.ts';
import { BY_OPTIONS, custodian } from '../custody-options.ts';
import { collectDetail, progressLine } from '../progress.ts';
import { counted, grouped, harmless, jsonText, paint } from '../terminal.ts';
import { checkKeyOptions, KEY_OPTIONS, trailKeys } from '../trail-keys.ts';
import { UsageError } from '../usage-error.ts';
import { summary } from './collect.ts';

const STORES: Readonly<
  Record<string, (invocation: Invocation, paths: readonly string[]) => Promise<number>>
> = {
  'cloudtrail-lake': importLake,
};

export const importCommand: Command = {
  name: 'import',
  summary: "take another tool's history into the lake, with what can be proven of it",
  usage: 'cloudtrail-lake <path…> [--keys F | --fetch-keys]',
  about:
    'Keeps every file as evidence, maps its records, and puts on record what is proven of it, told by evidence, verdicts,\n' +
    'coverage and prove. cloudtrail-lake reads query results as CloudTrail Lake saves them to S3, and verifies every\n' +
    'result_sign.json: hash of each file, signature, key. Keep the files together and as they are named. Run it again with\n' +
    'keys, or with files that were missing: only what is new goes in. Exit code 1 when anything is invalid or cannot be read.',
  words: 'any',
  options: { ...KEY_OPTIONS, ...BY_OPTIONS },
  examples: [
    'akashi import cloudtrail-lake AWSLogs/111122223333/CloudTrail-Lake/Query --fetch-keys',
    'akashi import cloudtrail-lake results/ --keys us-east-1.json --case INC-42',
    'akashi query "select origin, verdict from evidence where source = \'aws.cloudtrail-lake\'"',
  ],
  async run(invocation) {
    const [store, ...paths] = invocation.words;
    const names = Object.keys(STORES).join(' or ');
    if (store === undefined)
      throw new UsageError(`import needs a store and a path: \`akashi import ${names} <path…>\`.`);
    if (!Object.hasOwn(STORES, store))
      throw new UsageError(`"${store}" is no store that can be imported; use ${names}.`);
    if (paths.length === 0) throw new UsageError(`import ${store} needs at least one path.`);
    checkKeyOptions(invocation);
    return STORES[store]!(
      invocation,
      paths.map((path) => resolve(path)),
    );
  },
};

async function importLake(invocation: Invocation, paths: readonly string[]): Promise<number> {
  const now = Date.now();
  const result = await takeIn(invocation, paths, 'import of CloudTrail Lake results');
  const lake = await openLake(invocation.lake);
  const keys = await trailKeys(invocation, () => signSpan(lake, now));
  const verdicts = await judgeLakeResults(lake, keys);
  const judged = verdicts.map((verdict) => ({ ...verdict, source: LAKE_SOURCE }));
  const recorded = await recordVerdicts(lake, LAKE_PROOF, judged, now * 1000);
  const lines = invocation.json
    ? [jsonText({ ...result, verdicts, recorded })]
    : [summary(result, invocation.lake), '', ...verdictLines(verdicts), recordedText(recorded)];
  process.stdout.write(`${lines.join('\n')}\n`);
  return failed(result) || verdicts.some(({ level }) => level === 'invalid') ? 1 : 0;
}

/** Through all stages, as `collect` does. */
async function takeIn(
  invocation: Invocation,
  paths: readonly string[],
  what: string,
): Promise<CollectResult> {
  await checkRequest(paths, {});
  const lake = await openLake(invocation.lake);
  const progress = progressLine('import');
  try {
    return await collect(lake, paths, {
      by: custodian(invocation),
      result: what,
      onProgress: ({ doneBytes, foundBytes, records }) =>
        progress.update(doneBytes, foundBytes, collectDetail(doneBytes, foundBytes, records)),
    });
  } finally {
    progress.clear();
  }
}

const failed = ({ unreached, unrecognised, inboxProblems }: CollectResult): boolean =>
  unreached.length + unrecognised.length + inboxProblems.length > 0;

/** Files shown of each state. */
const SHOWN = 10;
const STYLE = { invalid: 'red', open: 'yellow', valid: 'green' } as const;

function verdictLines(verdicts: readonly ResultVerdict[]): string[] {
  if (verdicts.length === 0) return [paint('yellow', 'nothing that CloudTrail Lake saved is held')];
  const lines: string[] = [];
  for (const same of Map.groupBy(verdicts, ({ of, state }) => `${of} ${state}`).values()) {
    const { of, state, level } = same[0]!;
    const facts: Readonly<Record<string, { meaning: string }>> = of === 'sign' ? SIGN_STATES : RESULT_STATES;
    const what = of === 'sign' ? 'sign file' : 'file of results';
    const number =
      same.length === 1 ? `1 ${what}` : `${grouped(same.length)} ${what.replace('file', 'files')}`;
    lines.push(paint(STYLE[level], `${number} ${state}: ${facts[state]!.meaning}`));
    if (level === 'valid') continue;
    lines.push(
      ...same
        .slice(0, SHOWN)
        .map(({ origin, detail }) => `  ${harmless(origin)}${detail === '' ? '' : `: ${harmless(detail)}`}`),
    );
    if (same.length > SHOWN)
      lines.push(paint('dim', `  and ${grouped(same.length - SHOWN)} more (--json lists all)`));
  }
  if (verdicts.some(({ state }) => state === 'KEY_NOT_FOUND'))
    lines.push(
      paint(
        'dim',
        'Name the lists of public keys with --keys, or let --fetch-keys ask AWS, and run it again.',
      ),
    );
  return lines;
}

const recordedText = (count: number): string =>
  count === 0 ? 'nothing new to record' : `${counted(count, 'verdict')} recorded`;
