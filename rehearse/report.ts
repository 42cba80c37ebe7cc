/** The table at the end. */

import { textTable } from '../cli/terminal.ts';
import type { RehearsalResult } from './rehearsal.ts';

const seconds = (value: number | null): string => (value === null ? '-' : value.toFixed(1));

export function report(results: readonly RehearsalResult[], target: number): string {
  const right = true as const;
  const scenarios = textTable(
    [
      { title: 'scenario' },
      { title: 'records', right },
      { title: 'a second', right },
      { title: 'lag p50', right },
      { title: 'p95', right },
      { title: 'at the end p95', right },
      { title: 'target', right },
      { title: 'seals', right },
      { title: 'load', right },
      { title: 'others', right },
      { title: 'alarms', right },
      { title: 'took', right },
      { title: '' },
    ],
    results.map(
      ({ scenario, records, rate, lag, lagAtEnd, seals, load, others, fired, seconds: took, ok }) => [
        scenario,
        String(records),
        rate.toFixed(0),
        seconds(lag.p50),
        seconds(lag.p95),
        seconds(lagAtEnd.p95),
        `≤ ${target} s`,
        String(seals),
        load.map((one) => one.toFixed(1)).join(' → '),
        `${Math.round(others * 100)} %`,
        String(fired.length),
        `${took.toFixed(0)} s`,
        ok ? 'holds' : 'DOES NOT HOLD',
      ],
    ),
  );
  const first = results[0];
  const functions =
    first === undefined
      ? ''
      : textTable(
          [
            { title: `functions of ${first.scenario}` },
            { title: 'invocations', right },
            { title: 'not ok', right },
            { title: 'p50 ms', right },
            { title: 'p95 ms', right },
            { title: 'most MB', right },
            { title: 'CPU s', right },
          ],
          first.functions.map(
            ({ name, invocations, outcomes, p50Millis, p95Millis, peakMegabytes, cpuSeconds }) => [
              name,
              String(invocations),
              String(invocations - (outcomes['ok'] ?? 0)),
              String(p50Millis),
              String(p95Millis),
              String(peakMegabytes),
              cpuSeconds.toFixed(1),
            ],
          ),
        );
  const cpu = first?.functions.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) ?? 0;
  const cost =
    first === undefined
      ? ''
      : `functions took ${cpu.toFixed(1)} s of processor for ${first.records} records, ${((cpu / first.records) * 1000).toFixed(1)} ms each`;
  const broken = results.flatMap(({ scenario, checks }) =>
    checks.filter(({ ok }) => !ok).map(({ name, said }) => `${scenario}: ${name}: ${said}`),
  );
  return ['', scenarios, '', functions, cost, ...(broken.length === 0 ? [] : ['', ...broken])].join('\n');
}
