/** Each state and verdict by hand, and what must hold of all of them. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverage } from '../../../ledger/coverage/coverage.ts';
import { type Brought, type Declared, UNCOVERED } from '../../../ledger/coverage/facts.ts';
import { at, brought, DELAY, declared, judged, lines, MONDAY, STREAM, window } from './parts.ts';

/** A day and more, `records` in every hour, brought by a run an hour later each. */
const everyHour = (hours: number, records = 10): Brought[] =>
  Array.from({ length: hours }, (_, hour) => brought(hour, records, hour + 1.5));

describe('an hour on its way', () => {
  const some = { brought: [brought(0, 5, 0.5), brought(1, 5, 1.5)] };

  test('is open until it is over, settling until the delay has passed, then sealed', () => {
    expect(lines({ brought: [brought(0, 5, 0.5)] }, 0.7)).toEqual(['0 open pending delay']);
    expect(lines(some, 1.1)).toEqual(['0 settling pending delay']);
    expect(lines(some, 2.3)).toContain('1 sealed presumed delay');
  });

  test('sealed is told at the very instant', () => {
    expect(lines({ brought: [brought(0, 5, 0.5)] }, 1.25)).toEqual(['0 sealed presumed delay']);
    expect(lines({ brought: [brought(0, 5, 0.5)] }, 1.2499)).toEqual(['0 settling pending delay']);
  });

  test('a late arrival reopens it, for the time of a delay', () => {
    const late = { brought: [brought(0, 5, 0.5), brought(1, 5, 3), brought(0, 2, 9)] };
    expect(lines(late, 9.1)[0]).toBe('0 reopened presumed delay');
    expect(judged(late, 9.1).units[0]).toMatchObject({ records: 7, late: 2, reopenedAt: at(9) });
    expect(lines(late, 9.25)[0]).toBe('0 sealed presumed delay');
    // Before it came, nothing was known of it.
    expect(judged(late, 8).units[0]).toMatchObject({ records: 5, late: 0, reopenedAt: null });
  });

  test('what comes of a day that no run has told yet is not late', () => {
    expect(
      judged({ brought: [brought(0, 5, 500), brought(48, 5, 501)] }, 502).units.map(({ late }) => late),
    ).toEqual(expect.not.arrayContaining([5]));
  });
});

describe('digests', () => {
  test('all declared logs are held: complete, and an empty digest proves silence', () => {
    const some = {
      brought: [brought(0, 5, 1.5)],
      declared: [declared(0), declared(1, { expected: 0, held: 0 })],
    };
    expect(lines(some, 10)).toEqual(['0 sealed complete digest', '1 sealed complete digest']);
    expect(judged(some, 10).units[1]).toMatchObject({ records: 0, expected: 0, held: 0 });
  });

  test('a declared log that is missing is a gap, however many records there are', () => {
    const some = {
      brought: [brought(0, 5, 1.5)],
      declared: [declared(0, { held: 1, problem: 'NOT_FOUND', detail: 'a.json.gz' })],
    };
    expect(judged(some, 10).units).toMatchObject([
      {
        verdict: 'gap',
        basis: 'digest',
        expected: 2,
        held: 1,
        problem: 'NOT_FOUND',
        detail: 'a.json.gz',
        records: 5,
      },
    ]);
  });

  test('the newest judgement stands; of two trails, either makes a gap', () => {
    const missing = declared(0, { held: 1, problem: 'NOT_FOUND' }, 3);
    expect(lines({ declared: [missing, declared(0, {}, 4)] }, 10)).toEqual(['0 sealed complete digest']);
    expect(lines({ declared: [declared(0, {}, 2), missing] }, 10)).toEqual(['0 sealed gap digest']);
    expect(lines({ declared: [missing, declared(0, { series: 'other' }, 4)] }, 10)).toEqual([
      '0 sealed gap digest',
    ]);
    // As of an instant between the two.
    expect(lines({ declared: [missing, declared(0, {}, 4)] }, 3.5)).toEqual(['0 sealed gap digest']);
  });

  test('a digest that does not reach over the hour proves nothing of it', () => {
    const some = { brought: [brought(0, 5, 1.5)], declared: [declared(0, { problem: UNCOVERED })] };
    expect(lines(some, 10)).toEqual(['0 sealed presumed delay']);
  });
});

describe('windows', () => {
  const account = { ...STREAM, region: null };

  test('fetched on end, after the delay: complete, also where there is nothing', () => {
    const some = { brought: [brought(0, 5, 1.5)], windows: [window(0, 1, 2), window(1, 3, 4)] };
    expect(lines(some, 4)).toEqual([
      '0 sealed complete window',
      '1+2 sealed complete window',
      '3 settling pending delay',
      '4 open pending delay',
    ]);
  });

  test('a window fetched before the delay proves only what lies further back', () => {
    const some = { brought: [brought(0, 5, 1.1), brought(1, 5, 1.1)], windows: [window(0, 2, 2)] };
    expect(lines(some, 3)).toContain('0 sealed complete window');
    expect(lines(some, 3)).toContain('1 sealed presumed delay');
  });

  test('a break between two windows is a gap, and closes when it is fetched', () => {
    const some = [window(0, 1, 9), window(2, 4, 9)];
    expect(lines({ windows: some }, 9)).toEqual([
      '0 sealed complete window',
      '1 sealed gap window',
      '2+2 sealed complete window',
    ]);
    expect(lines({ windows: [...some, window(1, 2, 10)] }, 10)[0]).toMatch('0+4 sealed complete window');
  });

  test('a window of a whole account counts for each of its regions', () => {
    const some = { brought: [brought(0, 5, 1.5)], windows: [window(0, 1, 9, account)] };
    expect(lines(some, 9)[0]).toBe('0 sealed complete window');
    const other = { ...STREAM, account: '111122223333' };
    expect(lines({ ...some, brought: [brought(0, 5, 1.5, other)] }, 9)).toContain('0 sealed presumed delay');
  });
});

describe('silence', () => {
  test('an hour without records where there always are some', () => {
    const some = { brought: everyHour(60).filter(({ hour }) => hour !== MONDAY + 50) };
    expect(judged(some, 60.5).units.filter(({ verdict }) => verdict === 'silent')).toMatchObject([
      { hour: MONDAY + 50, hours: 1, basis: 'silence', expected: 10, held: 0 },
    ]);
  });

  test('a source that is followed and stops: silent up to now, unknown once the past is forgotten', () => {
    const told = lines({ brought: everyHour(60) }, 100).slice(60);
    expect(told).toEqual([
      '60+39 sealed silent silence',
      '99 settling pending delay',
      '100 open pending delay',
    ]);
    const long = lines({ brought: everyHour(60) }, 3000);
    expect(long.slice(60).map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'sealed silent silence',
      'sealed unknown none',
      'settling pending delay',
      'open pending delay',
    ]);
  });

  test('one that was brought once ends where its run ends', () => {
    const once = everyHour(60).map((one) => ({ ...one, asOf: at(2000) }));
    expect(judged({ brought: once }, 3000).units).toHaveLength(60);
    // A sister account of the same run reaches further: this one is silent.
    const sister = brought(70, 1, 2000, { ...STREAM, account: '111122223333' });
    expect(lines({ brought: [sister, ...once] }, 3000)).toContain('60+11 sealed silent silence');
  });

  test('nights and weekends are usual after four weeks of them', () => {
    const office = (hour: number) => hour % 24 >= 8 && hour % 24 < 18 && hour % 168 < 120;
    const weeks = everyHour(168 * 5).filter(({ hour }) => office(hour - MONDAY));
    const without = weeks.filter(({ hour }) => hour !== MONDAY + 168 * 4 + 10);
    const silent = judged({ brought: without }, 168 * 5).units.filter(({ verdict }) => verdict === 'silent');
    expect(silent).toMatchObject([{ hour: MONDAY + 168 * 4 + 10, hours: 1 }]);
  });

  test('a stream of a few records a day is not expected to speak every hour', () => {
    const sparse = everyHour(200, 1).filter(({ hour }) => (hour - MONDAY) % 9 === 0);
    expect(judged({ brought: sparse }, 200).units.map(({ verdict }) => verdict)).not.toContain('silent');
  });

  test('less than a day of a stream says nothing of its empty hours', () => {
    expect(lines({ brought: [brought(0, 5, 1), brought(3, 5, 4)] }, 6)).toContain('1+2 sealed unknown none');
  });
});

describe('watermark', () => {
  test('stands before the first hour that cannot be claimed', () => {
    expect(judged({ brought: everyHour(60) }, 60.5).watermarks).toEqual([
      { source: 'aws.cloudtrail', until: at(60), because: 'pending in 123456789012 eu-west-1' },
    ]);
    const gap = declared(20, { held: 0, problem: 'MISSING_DIGEST' });
    expect(judged({ brought: everyHour(60), declared: [gap] }, 60.5).watermarks).toEqual([
      { source: 'aws.cloudtrail', until: at(20), because: 'MISSING_DIGEST in 123456789012 eu-west-1' },
    ]);
  });

  test('of an import stands at its end; a reopened hour holds it back until it is sealed again', () => {
    const once = everyHour(30).map((one) => ({ ...one, asOf: at(2000) }));
    expect(judged({ brought: once }, 3000).watermarks[0]).toMatchObject({ until: at(30), because: null });
    const late = [...once, brought(3, 1, 2999.9)];
    expect(judged({ brought: late }, 3000).watermarks[0]).toMatchObject({ until: at(3) });
    expect(judged({ brought: late }, 3001).watermarks[0]).toMatchObject({ until: at(30) });
  });
});

describe('whatever the facts', () => {
  const hour = fc.integer({ min: 0, max: 400 });
  const name = fc.constantFrom(null, '123456789012', '\u001b[31m', '__proto__', '", "');
  const stream = fc.record({ source: fc.constantFrom('a', 'b', 'constructor'), account: name, region: name });
  const run = fc.integer({ min: 0, max: 500 });
  const someBrought = fc
    .tuple(hour, fc.integer({ min: 1, max: 50 }), run, stream)
    .map(([at, records, asOf, of]) => brought(at, records, asOf, of));
  const someDeclared = fc
    .tuple(hour, run, fc.constantFrom(null, UNCOVERED, 'NOT_FOUND'), stream)
    .map(([at, asOf, problem, of]): Declared => ({ ...declared(at, { problem }, asOf), stream: of }));
  const someWindow = fc
    .tuple(run, run, run, stream)
    .map(([from, to, asOf, of]) => window(from, to, asOf, of));
  const some = fc.record({
    brought: fc.array(someBrought, { maxLength: 40 }),
    declared: fc.array(someDeclared, { maxLength: 20 }),
    windows: fc.array(someWindow, { maxLength: 10 }),
  });

  test('the order in which they come does not matter', () => {
    fc.assert(
      fc.property(some, run, (given, now) => {
        const reversed = {
          brought: given.brought.toReversed(),
          declared: given.declared.toReversed(),
          windows: given.windows.toReversed(),
        };
        expect(judged(reversed, now)).toEqual(judged(given, now));
      }),
      { numRuns: 150 },
    );
  });

  test('each hour of a stream is told once, on end; records are all counted; a watermark passes no hour unclaimed', () => {
    fc.assert(
      fc.property(some, run, (given, now) => {
        const { units, watermarks, outside } = judged(given, now);
        const ends = new Map<string, number>();
        for (const { stream: of, hour: from, hours, verdict, state } of units) {
          const key = JSON.stringify(of);
          if (ends.has(key)) expect(from).toBe(ends.get(key));
          ends.set(key, from + hours);
          const until = watermarks.find(({ source }) => source === of.source)!.until;
          if (until !== null && from * 3600e6 < until) {
            expect(['presumed', 'complete']).toContain(verdict);
            expect(state).not.toBe('reopened');
          }
        }
        const known = given.brought.filter(({ asOf }) => asOf <= at(now));
        const total = known.reduce((sum, { records }) => sum + records, 0);
        expect(units.reduce((sum, { records }) => sum + records, outside)).toBe(total);
      }),
      { numRuns: 150 },
    );
  });

  test('a missing log makes its hour a gap and nothing else; its return closes it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(39), fc.nat(39), (count, which, order) => {
        const whole = Array.from({ length: count }, (_, at) => declared(at));
        const lost = whole[which % count]!;
        const judgements = whole.map((one) =>
          one === lost ? { ...one, held: 1, problem: 'NOT_FOUND', detail: 'x' } : one,
        );
        const gaps = judged({ declared: judgements }, 100).units.filter(({ verdict }) => verdict === 'gap');
        expect(gaps).toMatchObject([{ hour: lost.hour, hours: 1 }]);
        const closed = judgements.toSpliced(order % count, 0, { ...lost, asOf: at(90) });
        expect(judged({ declared: closed }, 100).units.filter(({ verdict }) => verdict === 'gap')).toEqual(
          [],
        );
      }),
      { numRuns: 100 },
    );
  });

  test('records of impossible times cost no time and are counted apart', () => {
    const wild = [-5, 0, 2 ** 31, 9.2e7, Number.MAX_SAFE_INTEGER].map(
      (hour): Brought => ({ ...brought(0, 3, 1), hour }),
    );
    const spread = Array.from({ length: 2000 }, (_, at) => ({ ...brought(0, 1, 1), hour: MONDAY - at * 97 }));
    const started = performance.now();
    const { outside } = judged({ brought: [...wild, ...spread] }, 10);
    expect(outside).toBe(15);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('nothing at all', () => {
    expect(judged({}, 10)).toEqual({ units: [], watermarks: [], outside: 0 });
    expect(
      coverage(
        { brought: [], declared: [], windows: [] },
        () => DELAY,
        0,
        () => {},
      ).watermarks,
    ).toEqual([]);
  });
});
