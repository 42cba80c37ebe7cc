import { basename, resolve } from 'node:path';
import { connectors } from '../../connectors/registry.ts';
import type { ResultVerdict } from '../../ledger/lake-results/judge.ts';
import { RESULT_STATES, SIGN_STATES } from '../../ledger/lake-results/states.ts';
import { type CollectResult, checkRequest, collect } from '../../stages/collect.ts';
import { IMPORT_STATES, recordImported, recordVerdicts } from '../../stages/imported.ts';
import { judgeLakeResults, LAKE_PROOF, LAKE_SOURCE, signSpan } from '../../stages/lake-results.ts';
import { CATALOGUE, isCompanion, readTailpipeList, type TailpipeList } from '../../stages/tailpipe-store.ts';
import { walk } from '../../stages/walk.ts';
import { openLake } from '../../vault/lake.ts';
import type { Command, Invocation } from '../command.ts';
import { BY_OPTIONS, custodian } from '../custody-options.ts';
import { collectDetail, progressLine } from '../progress.ts';
import { counted, grouped, harmless, jsonText, paint } from '../terminal.ts';
import { checkKeyOptions, KEY_OPTIONS, trailKeys, wantsKeys } from '../trail-keys.ts';
import { UsageError } from '../usage-error.ts';
import { summary } from './collect.ts';

const STORES: Readonly<
  Record<string, (invocation: Invocation, paths: readonly string[]) => Promise<number>>
> = {
  'cloudtrail-lake': importLake,
  tailpipe: importTailpipe,
};

export const importCommand: Command = {
  name: 'import',
  summary: "take another tool's history into the lake, with what can be proven of it",
  usage: 'cloudtrail-lake <path…> [--keys F | --fetch-keys], or tailpipe <folder…>',
  about:
    'Keeps every file as evidence, maps its records, and puts on record what is proven of it, told by evidence, verdicts,\n' +
    'coverage and prove. cloudtrail-lake reads query results as CloudTrail Lake saves them to S3, and verifies every\n' +
    'result_sign.json: hash of each file, signature, key. Keep the files together and as they are named. tailpipe reads its\n' +
    'Parquet files (CloudTrail, VPC flow logs, Azure Activity Log, Google Cloud audit logs) and its list of them. Run it\n' +
    'again with keys, or with files that were missing: only what is new goes in. Exit code 1 when anything is invalid or\n' +
    'cannot be read.',
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

async function importTailpipe(invocation: Invocation, paths: readonly string[]): Promise<number> {
  if (wantsKeys(invocation))
    throw new UsageError('tailpipe keeps nothing that is signed: --keys and --fetch-keys say nothing of it.');
  const now = Date.now();
  const lists = await tailpipeLists(paths);
  const taken = await takeIn(invocation, paths, "import of Tailpipe's files");
  const result = { ...taken, unrecognised: taken.unrecognised.filter((path) => !isCompanion(path)) };
  const companions = taken.unrecognised.length - result.unrecognised.length;
  const lake = await openLake(invocation.lake);
  const sources = connectors.flatMap(({ id, imported }) => (imported?.from === 'Tailpipe' ? [id] : []));
  const recorded = await recordImported(lake, new Set(sources), now * 1000);
  const lines = invocation.json
    ? [jsonText({ ...result, companions, lists, recorded })]
    : [
        summary(result, invocation.lake),
        ...(companions === 0
          ? []
          : [`${grouped(companions)} of Tailpipe's own files kept as evidence; they hold no records`]),
        ...lists.flatMap(listLines),
        paint('yellow', `of Tailpipe's files: ${IMPORT_STATES.IMPORTED.meaning}`),
        recordedText(recorded),
      ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return failed(result) || lists.some((list) => 'problem' in list) ? 1 : 0;
}

type ListFacts =
  | { readonly problem: string }
  | (Pick<TailpipeList, 'path' | 'deletedRows' | 'inlined'> & {
      readonly current: number;
      readonly ended: number;
      readonly missing: readonly string[];
      readonly unlisted: readonly string[];
    });

/** Tailpipe's lists under the paths, beside the data files that are there. */
async function tailpipeLists(paths: readonly string[]): Promise<ListFacts[]> {
  await checkRequest(paths, {});
  const files = new Set<string>();
  const catalogues: string[] = [];
  for await (const found of walk(paths, [])) {
    if ('code' in found) continue;
    const name = basename(found.path);
    if (name === CATALOGUE) catalogues.push(found.path);
    else if (name.endsWith('.parquet') && !isCompanion(name)) files.add(name);
  }
  return Promise.all(
    catalogues.map(async (path) => {
      const list = await readTailpipeList(path);
      if ('problem' in list) return list;
      const { current, ended, deletedRows, inlined } = list;
      const missing = current.filter((name) => !files.has(name));
      const listed = new Set([...current, ...ended]);
      const unlisted = [...files].filter((name) => !listed.has(name));
      return { path, current: current.length, ended: ended.length, missing, unlisted, deletedRows, inlined };
    }),
  );
}

function listLines(list: ListFacts): string[] {
  if ('problem' in list) return [paint('yellow', harmless(list.problem))];
  const { path, current, ended, missing, unlisted, deletedRows, inlined } = list;
  const said = (count: number, text: string): string[] =>
    count === 0 ? [] : [paint('yellow', `  ${grouped(count)} ${text}`)];
  return [
    `${harmless(path)} lists ${grouped(current)} current data files`,
    ...said(missing.length, 'of them are not there'),
    ...said(ended, 'more are listed as replaced or removed; those that are there were imported too'),
    ...said(unlisted.length, 'data files are there that it does not list; imported too'),
    ...said(deletedRows, 'rows are listed as deleted; imported all the same'),
    ...said(inlined, 'tables may have rows inside the list itself; those are not read'),
  ];
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
