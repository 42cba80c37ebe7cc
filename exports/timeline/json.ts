/** A timeline as one JSON value: everything that is known of it. What could drive a terminal is written as JSON escapes. */

import { visibleJson } from '../../engine/format/visible.ts';
import { type ProofState, proofWord, type TimelineData, type TimelineLine } from './model.ts';
import { summaryOf } from './summary.ts';
import { gapText, isoText, messageOf } from './words.ts';

const safe = (value: unknown): string => visibleJson(JSON.stringify(value));
const isoOr = (micros: number | null): string | null => (micros === null ? null : isoText(micros));

/** `{selectors, asked, span, summary, unknowns, leads, cut, head, asOf, lines}`; a line of its own for each line. */
export function* timelineJson(data: TimelineData): Generator<string> {
  const { lines, asked, span, asOf, ...rest } = data;
  const head = {
    ...rest,
    asked: { from: isoOr(asked.from), to: isoOr(asked.to) },
    span: span === null ? null : { from: isoText(span.from), to: isoText(span.to) },
    asOf: isoText(asOf),
    summary: summaryOf(data),
  };
  yield `${safe(head).slice(0, -1)},"lines":[`;
  let separator = '\n';
  for (const line of lines) {
    yield separator + safe(lineObject(line));
    separator = ',\n';
  }
  yield ']}\n';
}

function lineObject(line: TimelineLine): object {
  if (line.kind === 'gap')
    return { ...line, time: isoText(line.time), end: isoText(line.end), text: gapText(line) };
  const { kind, row, links, proof } = line;
  const { micros: _, fits: __, made_request: ___, made_response: ____, ...columns } = row;
  return { kind, message: messageOf(line), ...columns, links, proof: proofObject(proof) };
}

const proofObject = (proof: ProofState): object => ({
  state: proofWord(proof),
  ...proof,
  stamped: proof.stamped === null ? null : { ...proof.stamped, time: isoText(proof.stamped.time) },
});
