import { afterEach, expect, test } from 'vitest';
import { WorkerPool } from '../../stages/worker-pool.ts';

/** Answers with what it is asked, fails, or ends, as it is told. */
const ENTRY = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (request) => {
      if (request === 'end') process.exit(3);
      if (request === 'throw') throw new Error('out of order');
      if (request === 'fail') parentPort.postMessage({ kind: 'failed', error: new Error('cannot') });
      else parentPort.postMessage({ kind: 'done', result: request });
    });
  `)}`,
);

let pool: WorkerPool<string, string>;
const newPool = (size: number) => {
  pool = new WorkerPool({ entry: ENTRY, start: null, size });
  return pool;
};
afterEach(() => pool.close());

test('requests beyond its threads wait for one', async () => {
  newPool(2);
  const requests = ['a', 'b', 'c', 'd', 'e'];
  expect(await Promise.all(requests.map((one) => pool.run(one)))).toEqual(requests);
});

test.each([
  ['fail', 'cannot'],
  ['throw', 'out of order'],
  ['end', 'a thread ended with 3'],
])(
  'after one that was told to %s the next requests are answered, those that waited too',
  async (told, why) => {
    newPool(1);
    const failing = pool.run(told);
    const waiting = pool.run('waited');
    await expect(failing).rejects.toThrow(why);
    expect(await waiting).toBe('waited');
    expect(await pool.run('later')).toBe('later');
  },
);
