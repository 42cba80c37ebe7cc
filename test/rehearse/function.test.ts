import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { InvokeApi } from '../../rehearse/lambda/api.ts';
import { type FunctionSettings, LambdaFunction, type Watchers } from '../../rehearse/lambda/function.ts';

const HANDLER = fileURLToPath(new URL('./parts/handler.mjs', import.meta.url));
let folder: string;
let made: LambdaFunction[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-function-'));
  made = [];
});
afterEach(() => {
  for (const one of made) one.recycle();
  rmSync(folder, { recursive: true, force: true });
});

function functionOf(settings: Partial<FunctionSettings> = {}, watchers: Watchers = {}): LambdaFunction {
  const own = new LambdaFunction(
    {
      ...{ name: 'example', path: HANDLER, memoryMegabytes: 512, timeoutSeconds: 20, concurrency: 1, folder },
      environment: {},
      ...settings,
    },
    watchers,
  );
  made.push(own);
  return own;
}

interface Said {
  readonly calls: number;
  readonly now: number;
  readonly remaining: number;
  readonly name: string;
  readonly pid: number;
  readonly secret: string | null;
}
const said = (result: unknown): Said => result as Said;

test('one instance answers event after event, frozen in between', async () => {
  const own = functionOf();
  const first = await own.invoke({});
  expect(first).toMatchObject({ outcome: 'ok', isCold: true, functionName: 'example' });
  expect(said(first.result).remaining).toBeGreaterThan(10_000);
  const state = () => readFileSync(`/proc/${said(first.result).pid}/stat`, 'utf8').split(') ')[1]?.[0];
  await vi.waitFor(() => expect(state()).toBe('T'));
  const second = await own.invoke({});
  expect(second.isCold).toBe(false);
  expect(said(second.result)).toMatchObject({ calls: 2, pid: said(first.result).pid });
});

test('only what it is given is in its environment', async () => {
  process.env['SECRET'] = 'of this process';
  try {
    expect(said((await functionOf().invoke({})).result).secret).toBeNull();
  } finally {
    delete process.env['SECRET'];
  }
});

test('an error is told, and leaves the instance to the next event', async () => {
  const own = functionOf();
  expect(await own.invoke({ fail: 'no' })).toMatchObject({ outcome: 'error', problem: 'TypeError: no' });
  expect(said((await own.invoke({})).result).calls).toBe(2);
});

test('time-out, kill, memory and a crash end the instance and its disk; the next event starts cold', async () => {
  const own = functionOf({ timeoutSeconds: 1, memoryMegabytes: 256 });
  expect(await own.invoke({ wait: 60_000 })).toMatchObject({ outcome: 'timeout' });
  expect(await own.invoke({ wait: 60_000 }, { killAfter: 100 })).toMatchObject({
    outcome: 'killed',
    isCold: true,
  });
  expect(await own.invoke({ leave: 3 })).toMatchObject({ outcome: 'crashed' });
  expect(readdirSync(folder)).toEqual([]);
  const larger = functionOf({ memoryMegabytes: 160 });
  const over = await larger.invoke({ grow: true });
  expect(over).toMatchObject({ outcome: 'memory' });
  expect(over.peakBytes).toBeGreaterThan(160 * 2 ** 20);
}, 60_000);

test('a clock that is ahead is another instance', async () => {
  const own = functionOf();
  const skewed = await own.invoke({}, { skew: 3_600_000 });
  expect(said(skewed.result).now - Date.now()).toBeGreaterThan(3_500_000);
  expect(Math.abs(said((await own.invoke({})).result).now - Date.now())).toBeLessThan(60_000);
});

test('what is over its concurrency waits; what it prints is heard', async () => {
  const lines: string[] = [];
  const own = functionOf({}, { onLine: (_name, line) => lines.push(line) });
  const results = await Promise.all([own.invoke({ say: 'a' }), own.invoke({ say: 'b' }), own.invoke({})]);
  expect(results.map(({ result }) => said(result).calls)).toEqual([1, 2, 3]);
  expect(lines).toEqual(['a', 'b']);
});

test('functions call each other by Invoke', async () => {
  const own = functionOf();
  const api = new InvokeApi((name, event) => (name === 'example' ? own.invoke(event) : null));
  const url = await api.start();
  const post = (name: string, body: object) =>
    fetch(`${url}/2015-03-31/functions/${encodeURIComponent(name)}/invocations`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
  try {
    const answer = await post('arn:aws:lambda:us-east-1:123456789012:function:example', {});
    expect(answer.headers.get('x-amz-function-error')).toBeNull();
    expect(await answer.json()).toMatchObject({ name: 'example' });
    const failed = await post('example', { fail: 'no' });
    expect(failed.headers.get('x-amz-function-error')).toBe('Unhandled');
    expect((await post('other', {})).status).toBe(404);
  } finally {
    await api.stop();
  }
});
