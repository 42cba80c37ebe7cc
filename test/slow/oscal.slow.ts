/**
 * `assessment-results.json` beside two programs that carry NIST's own model: structure, data types, allowed values, cardinality and
 * choices by the metaschema of the version it names, and the models that another tool generates from the JSON schema.
 */

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { reportKinds } from '../../exports/report/kinds.ts';
import { makeReport } from '../../exports/report/report.ts';
import { readStatements } from '../../exports/report/statements.ts';
import { MARCH, sampleLake, scratch } from '../exports/report/sample-lake.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const PACKAGES = ['oscal==3.2.2', 'compliance-trestle==5.2.0'];

/** The interpreter's path; null where there is no Python, or PyPI cannot be reached. */
async function makePython(): Promise<string | null> {
  try {
    const cache = path('../../node_modules/.cache/python-oscal');
    return (await promisify(execFile)(path('./python.sh'), [cache, ...PACKAGES])).stdout.trim();
  } catch (error) {
    console.warn(`No Python environment with ${PACKAGES.join(' and ')}: ${String(error)}`);
    return null;
  }
}

const python = await makePython();
const folder = scratch();
/** In a folder of its own: the first package leaves a database of 160 MB where it is run. */
const run = (command: string, options: readonly string[]) =>
  promisify(execFile)(command, options, { cwd: folder });
const files: string[] = [];
beforeAll(async () => {
  const lake = await sampleLake(folder);
  for (const kind of reportKinds.filter(({ statements }) => statements.length > 0)) {
    const [name] = kind.statements;
    const stated = readStatements(
      JSON.stringify({ [name!]: { text: 'Done.', by: 'Jane' } }),
      kind.statements,
    );
    const report = await makeReport(kind, lake, MARCH, stated);
    const found = report.files.find((file) => file.path === 'assessment-results.json')!;
    const file = join(folder, `${kind.name}.json`);
    writeFileSync(file, found.bytes);
    files.push(file);
  }
}, 300_000);

const METASCHEMA = `
import json, sys
from oscal import OSCAL
for name in sys.argv[1:]:
    content = OSCAL.load(name)
    print(json.dumps([content.is_valid, content.oscal_version, content.validation_errors]))
`;
const TRESTLE = `
import json, sys
from trestle.oscal.assessment_results import AssessmentResults
for name in sys.argv[1:]:
    AssessmentResults(**json.load(open(name))['assessment-results'])
    print('valid')
`;

test.skipIf(python === null)(
  'each is valid by the metaschema of OSCAL 1.2.2',
  { timeout: 300_000 },
  async () => {
    const { stdout } = await run(python!, ['-c', METASCHEMA, ...files]);
    const said = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(said).toEqual(files.map(() => [true, 'v1.2.2', []]));
  },
);

test.skipIf(python === null)('one with an observation cut short is not', { timeout: 300_000 }, async () => {
  const broken = join(folder, 'broken.json');
  const document = JSON.parse(readFileSync(files[0]!, 'utf8'));
  delete document['assessment-results'].results[0].observations[0].methods;
  writeFileSync(broken, JSON.stringify(document));
  const { stdout } = await run(python!, ['-c', METASCHEMA, broken]);
  expect(JSON.parse(stdout)[0]).toBe(false);
});

test.skipIf(python === null)(
  'each is read by the models of compliance-trestle',
  { timeout: 300_000 },
  async () => {
    const { stdout } = await run(python!, ['-c', TRESTLE, ...files]);
    expect(stdout.trim().split('\n')).toEqual(files.map(() => 'valid'));
  },
);
