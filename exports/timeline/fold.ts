/** Bursts: like lines that follow each other, as one line with a count. What matters alone is never folded. */

import { proofWord, type RecordLine, type TimelineLine } from './model.ts';
import { textOf } from './records.ts';
import { wordsOf } from './words.ts';

/** Lines of a burst follow each other within this, microseconds. */
const WITHIN = 300e6;
/** Fewer lines than this are shown as they are, unless they say the same. */
const LEAST = 3;

export interface Burst {
  readonly kind: 'burst';
  readonly time: number;
  readonly end: number;
  readonly lines: readonly RecordLine[];
  /** What differs between the lines, each once, in their order; empty where nothing does. */
  readonly whos: readonly string[];
  readonly targets: readonly string[];
}

export type Shown = TimelineLine | Burst;

interface Key {
  /** What all lines of a burst share. */
  readonly same: string;
  readonly who: string;
  readonly target: string;
}

function keyOf(line: TimelineLine): Key | null {
  if (line.kind === 'gap' || line.time === null || line.row['conflict'] === true) return null;
  const { lane, who, action, target, from, result, detail } = wordsOf(line);
  const flow = line.kind === 'flow';
  const of = (name: string) => textOf(line.row[name]);
  const parts = [
    line.kind,
    lane,
    of('source'),
    of('account'),
    action,
    of('operation'),
    // Ports and sizes of flows differ from one to the next.
    flow ? of('src_ip') : from,
    flow ? `${of('dst_ip')} ${of('action')} ${of('log_status')}` : `${result} ${detail}`,
    proofWord(line.proof),
    line.links.map(({ because }) => because).join('\n'),
  ];
  return { same: JSON.stringify(parts), who, target };
}

/** The same lines in the same order, bursts folded. */
export function foldBursts(lines: readonly TimelineLine[]): Shown[] {
  const shown: Shown[] = [];
  for (let at = 0; at < lines.length; ) {
    const end = endOfBurst(lines, at);
    const run = lines.slice(at, end) as RecordLine[];
    if (run.length >= LEAST) shown.push(burstOf(run));
    else shown.push(...lines.slice(at, end));
    at = end;
  }
  return shown;
}

/** Of the lines that share all but the actor, or all but the target. */
function endOfBurst(lines: readonly TimelineLine[], start: number): number {
  const first = keyOf(lines[start]!);
  let end = start + 1;
  if (first === null) return end;
  let [oneWho, oneTarget] = [true, true];
  for (; end < lines.length; end++) {
    const next = keyOf(lines[end]!);
    if (next === null || next.same !== first.same) break;
    if (lines[end]!.time! - lines[end - 1]!.time! > WITHIN) break;
    const [sameWho, sameTarget] = [
      oneWho && next.who === first.who,
      oneTarget && next.target === first.target,
    ];
    if (!sameWho && !sameTarget) break;
    [oneWho, oneTarget] = [sameWho, sameTarget];
  }
  return end;
}

function burstOf(lines: readonly RecordLine[]): Burst {
  const words = lines.map(wordsOf);
  const distinct = (texts: readonly string[]) => [...new Set(texts)];
  return {
    kind: 'burst',
    time: lines[0]!.time!,
    end: lines.at(-1)!.time!,
    lines,
    whos: distinct(words.map(({ who }) => who)),
    targets: distinct(words.map(({ target }) => target)),
  };
}

/** Bytes of all flows of a burst; null for events, or where none says. */
export function burstBytes({ lines }: Burst): number | null {
  let bytes: number | null = null;
  for (const { kind, row } of lines)
    if (kind === 'flow' && row['bytes'] !== null) bytes = (bytes ?? 0) + Number(row['bytes']);
  return bytes;
}

/** Ports named of a burst of flows. */
const MOST_PORTS = 8;

/** What a burst was done to: `203.0.113.66 → 10.0.1.25 ports 22, 443` or `4 targets: a, b, …`. */
export function burstTarget({ lines, targets }: Burst): string {
  const { kind, row } = lines[0]!;
  if (kind === 'event')
    return targets.length === 1 ? targets[0]! : `${targets.length} targets: ${targets.join(', ')}`;
  const ports = [...new Set(lines.map((line) => Number(line.row['dst_port'] ?? 0)))].sort((a, b) => a - b);
  const more = ports.length - MOST_PORTS;
  const named = `${ports.slice(0, MOST_PORTS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `${textOf(row['src_ip']) ?? '-'} → ${textOf(row['dst_ip']) ?? '-'} port${ports.length === 1 ? '' : 's'} ${named}`;
}

/** As whom: `4 names: admin, root, …` where it was as several. */
export const burstWho = ({ whos }: Burst): string =>
  whos.length === 1 ? whos[0]! : `${whos.length} names: ${whos.join(', ')}`;
