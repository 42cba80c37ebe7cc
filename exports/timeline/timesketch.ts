/**
 * A timeline for Timesketch, as CSV and as JSON lines: https://timesketch.org/guides/user/import-from-json-csv/
 *
 * `message`, `datetime` (ISO 8601; one form for all lines, since its CSV reader learns the form from the first) and
 * `timestamp_desc` must be there; `timestamp` is in microseconds. `tag` is a JSON list. Names do not begin with `_`, which
 * its importer drops.
 */

import { csvRenderer } from '../../engine/format/csv.ts';
import { visible, visibleJson } from '../../engine/format/visible.ts';
import type { Cell } from '../../engine/result.ts';
import { LANES } from './lanes.ts';
import {
  type ProofState,
  proofWord,
  type RecordLine,
  type TimelineData,
  type TimelineLine,
} from './model.ts';
import { isoText, laneOf, messageOf, wordsOf } from './words.ts';

type Value = Exclude<Cell, readonly Cell[] | object> | readonly string[];

/** Columns after those that Timesketch knows, as the tables name them. */
const COLUMNS = [
  'uid',
  'source',
  'cloud',
  'account',
  'region',
  'action',
  'operation',
  'status',
  'error_code',
  'error_message',
  'actor_type',
  'actor_name',
  'actor_id',
  'actor_credential',
  'actor_session',
  'actor_on_behalf_of',
  'src_ip',
  'src_port',
  'src_host',
  'dst_ip',
  'dst_port',
  'dst_host',
  'protocol',
  'bytes',
  'packets',
  'user_agent',
  'command',
  'target_type',
  'target_id',
  'target_name',
  'conflict',
  'evidence',
  'locator',
] as const;

const NUMBERS: ReadonlySet<string> = new Set([
  'timestamp',
  'src_port',
  'dst_port',
  'bytes',
  'packets',
  'proof_ledger_index',
]);

const NAMES: readonly string[] = [
  'message',
  'timestamp',
  'datetime',
  'timestamp_desc',
  'tag',
  'data_type',
  'because',
  'end_datetime',
  ...COLUMNS,
  'proof',
  'proof_ledger_index',
  'proof_checkpoint',
  'proof_stamped',
  'proof_provider',
  'proof_problem',
  'gap_verdict',
  'gap_problem',
];

/** ISO 8601 with microseconds and an offset, as Timesketch's own exports have it. */
const datetime = (micros: number): string => isoText(micros).replace('Z', '+00:00');

/** Times that Timesketch's readers can hold: years 1678 to 2261. Others, and none, are said to be so. */
const LIMITS = { least: -9_214_000_000e6, most: 9_214_000_000e6 };

function fieldsOf(line: TimelineLine): Readonly<Record<string, Value>> {
  const held = line.time !== null && line.time > LIMITS.least && line.time < LIMITS.most;
  const time = held ? line.time! : 0;
  const lane = line.kind === 'gap' ? laneOf(null, line.source) : wordsOf(line).lane;
  // With a word of ours in front: readers of CSV take `NA` for nothing at all.
  const message = visible(`${LANES[lane]}: ${messageOf(line) || line.kind}`);
  const base = { message, timestamp: time, datetime: datetime(time) };
  if (line.kind === 'gap')
    return {
      ...base,
      timestamp_desc: 'Gap begins',
      tag: ['gap', lane],
      data_type: 'akashi:gap',
      end_datetime: datetime(line.end),
      source: line.source,
      account: line.account,
      region: line.region,
      gap_verdict: line.verdict,
      gap_problem: line.problem,
    };
  const { failed } = wordsOf(line);
  const columns = COLUMNS.map((name): [string, Value] => [name, cellOf(line, name)]);
  const tags = [
    lane,
    line.kind,
    ...(failed ? ['failed'] : []),
    ...(line.row['conflict'] === true ? ['conflict'] : []),
    ...(proofWord(line.proof) === 'broken' ? ['unproven'] : []),
  ];
  return {
    ...base,
    timestamp_desc: describedTime(line, held),
    tag: tags,
    data_type: `akashi:${line.kind}`,
    because: line.links.map(({ because }) => because).join('; '),
    ...Object.fromEntries(columns),
    ...proofFields(line.proof),
  };
}

/** What `timestamp` is of; it is 1970 where there is none that could be held. */
function describedTime({ kind, time }: RecordLine, held: boolean): string {
  if (held) return kind === 'flow' ? 'Flow begins' : 'Event time';
  return time === null ? 'No time in the record' : 'Time out of range';
}

function cellOf({ row }: RecordLine, name: string): Value {
  const cell = row[name] ?? null;
  return cell !== null && typeof cell === 'object' ? JSON.stringify(cell) : cell;
}

const proofFields = (proof: ProofState): Readonly<Record<string, Value>> => ({
  proof: proofWord(proof),
  proof_ledger_index: proof.index,
  proof_checkpoint: proof.checkpoint,
  proof_stamped: proof.stamped === null ? null : datetime(proof.stamped.time),
  proof_provider: proof.provider,
  proof_problem: proof.problem,
});

/** Cells that a spreadsheet could take for a formula begin with `'`; so do those of the message. */
export function* timesketchCsv({ lines }: TimelineData): Generator<string> {
  // Made visible like on a terminal: who opens the file looks at strangers' texts.
  const render = csvRenderer({ terminal: true, width: 0 });
  yield render.begin(NAMES.map((name) => ({ name, type: NUMBERS.has(name) ? 'BIGINT' : 'VARCHAR' })));
  for (const line of lines) {
    const fields = fieldsOf(line);
    yield render.rows([NAMES.map((name) => fields[name] ?? null)]);
  }
}

/** One object for each line, without the fields that it does not have. */
export function* timesketchLines({ lines }: TimelineData): Generator<string> {
  for (const line of lines) {
    const fields = Object.entries(fieldsOf(line)).filter(([, value]) => value !== null && value !== '');
    yield `${visibleJson(JSON.stringify(Object.fromEntries(fields)))}\n`;
  }
}
