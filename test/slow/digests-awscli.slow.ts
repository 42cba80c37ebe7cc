/**
 * Beside `aws cloudtrail validate-logs` itself, over the same buckets: whatever it calls invalid, we do; whatever we
 * call more, is of a kind it passes over.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { random } from '../../bench/random.ts';
import type { DigestReport } from '../../ledger/digests/report.ts';
import { inBucket, judged } from '../ledger/digests/parts/court.ts';
import { specimen } from '../ledger/digests/parts/faults.ts';
import { BEGIN, HOUR, isoSeconds, keysOf, makeSigner, type Trail } from '../ledger/digests/parts/trail.ts';
import { goWild } from './digests/wild.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const CLI = 'awscli==1.45.11';
const SERVER = 'moto[server]==5.2.5';

/** The interpreter's path; null where there is no Python, or PyPI cannot be reached. */
async function makePython(): Promise<string | null> {
  const folder = path('../../node_modules/.cache/python-awscli');
  try {
    const { stdout } = await promisify(execFile)(path('./python.sh'), [folder, CLI, SERVER]);
    return stdout.trim();
  } catch (error) {
    console.warn(`No Python environment with ${CLI} and ${SERVER}: ${String(error)}`);
    return null;
  }
}

/** How many run at once, and how many chains of each sort there are. */
const ORACLES = 2;
const CLEAN = 20;
const FAULTY = 140;
const WILD = 140;

interface Answer {
  readonly code: number;
  /** `Digest` or `Log`, key, verdict. */
  readonly named: readonly (readonly [string, string, string])[];
  readonly text: string;
}

class Oracle {
  readonly #process: ChildProcess;
  readonly #lines: Interface;

  constructor(python: string) {
    this.#process = spawn(python, [path('./digests/oracle.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#process.stdout! });
  }

  async ask(trail: Trail): Promise<Answer> {
    const listed = { ...signer.listed, ValidityStartTime: 1, ValidityEndTime: 4e9 };
    const objects = [...trail.objects].map(([key, { bytes, metadata }]) => {
      return { key, metadata, body: Buffer.from(bytes).toString('base64') };
    });
    const question = {
      bucket: trail.bucket,
      region: trail.region,
      trail: `arn:aws:cloudtrail:us-east-1:${trail.account}:trail/${trail.trail}`,
      start: isoSeconds(BEGIN - HOUR),
      end: isoSeconds(trail.end + HOUR),
      keys: [listed],
      objects,
    };
    this.#process.stdin!.write(`${JSON.stringify(question)}\n`);
    const [line] = (await once(this.#lines, 'line')) as [string];
    return JSON.parse(line) as Answer;
  }

  close(): void {
    this.#process.kill();
  }
}

const signer = makeSigner(BEGIN - 24 * HOUR, BEGIN + 240 * HOUR);
const keys = keysOf(signer);

interface Compared {
  readonly trail: Trail;
  readonly what: string;
  readonly theirs: Answer;
  readonly ours: DigestReport;
}

/** Puts each case before both, several at once. */
async function compare(cases: readonly { trail: Trail; what: string }[]): Promise<Compared[]> {
  const compared: Compared[] = [];
  const left = [...cases];
  await Promise.all(
    oracles.map(async (oracle) => {
      for (let one = left.pop(); one !== undefined; one = left.pop())
        compared.push({
          ...one,
          theirs: await oracle.ask(one.trail),
          ours: await judged(inBucket(one.trail), keys),
        });
    }),
  );
  return compared;
}

/** Objects that they call invalid and we do not. */
function missedByUs({ trail, theirs, ours }: Compared): string[] {
  const invalid = new Set(
    ours.problems.flatMap(({ object, id, level }) => (level === 'invalid' ? [object, id] : [])),
  );
  return theirs.named
    .filter(([, key, verdict]) => verdict !== 'valid' && !invalid.has(`s3://${trail.bucket}/${key}`))
    .map(([kind, key, verdict]) => `${kind} ${key}: ${verdict}`);
}

/** States of ours for which they have no word, and which therefore may stand where they see nothing. */
const THEY_PASS_OVER = new Set([
  'digest CHAIN_HASH_MISMATCH',
  'digest CHAIN_SIGNATURE_MISMATCH',
  'digest TRUNCATED_TAIL',
  'log UNREFERENCED_LOG',
  // They read the first member of a gzip file and neither its end nor what follows it.
  'log INVALID_FORMAT',
  'digest INVALID_FORMAT',
  // They do not look at what metadata names as the algorithm.
  'digest METADATA_LOST',
  // They only say that nothing is named invalid when no digest can be found to begin from.
  'digest MISSING_DIGEST',
  'digest NOT_FOUND',
  'log NOT_FOUND',
]);

let oracles: Oracle[] = [];
let number = 0;
const options = () => ({ signer, bucket: `amzn-s3-demo-bucket-${number++}` });

describe('beside the AWS CLI', () => {
  beforeAll(async () => {
    const python = await makePython();
    if (python !== null) oracles = Array.from({ length: ORACLES }, () => new Oracle(python));
  }, 600_000);
  beforeEach(({ skip }) => skip(oracles.length === 0, 'needs python3 with venv, and PyPI'));
  afterAll(() => {
    for (const oracle of oracles) oracle.close();
  });

  test(`${CLEAN} clean chains: valid for both, object for object`, async () => {
    const cases = Array.from({ length: CLEAN }, (_, seed) => {
      const { trail } = specimen(random(seed), options(), 2 + (seed % 5), 0);
      return { trail, what: `seed ${seed}` };
    });
    for (const { what, theirs, ours } of await compare(cases)) {
      expect(theirs.code, `${what}\n${theirs.text}`).toBe(0);
      expect(ours.problems, what).toEqual([]);
      expect(theirs.named.length, what).toBe(ours.verdicts.size);
    }
  });

  test(`${FAULTY} chains with known faults: never less strict`, async () => {
    const cases = Array.from({ length: FAULTY }, (_, seed) => {
      const { trail, faults } = specimen(random(1000 + seed), options(), 7 + (seed % 4), 2);
      return { trail, what: `seed ${1000 + seed}: ${faults.join(', ')}` };
    });
    expectStrict(await compare(cases));
  });

  test(`${WILD} chains changed at random: never less strict`, async () => {
    const cases = Array.from({ length: WILD }, (_, seed) => {
      const r = random(5000 + seed);
      const { trail } = specimen(r, options(), 3 + (seed % 5), 0);
      return { trail, what: `seed ${5000 + seed}: ${goWild(trail, r, 3).join(', ')}` };
    });
    expectStrict(await compare(cases));
  });
});

function expectStrict(compared: readonly Compared[]): void {
  let both = 0;
  let oursAlone = 0;
  for (const one of compared) {
    const { what, theirs, ours } = one;
    expect(missedByUs(one), `${what}\n${theirs.text}`).toEqual([]);
    if (theirs.code !== 0) {
      both++;
      expect(ours.ok, `${what}\n${theirs.text}`).toBe(false);
    } else if (!ours.ok) {
      oursAlone++;
      const alone = ours.problems
        .filter(({ level }) => level === 'invalid')
        .map(({ of, state }) => `${of} ${state}`);
      expect(
        alone.filter((state) => !THEY_PASS_OVER.has(state)),
        what,
      ).toEqual([]);
    }
  }
  console.info(`${compared.length} chains: ${both} invalid for both, ${oursAlone} for us alone`);
}
