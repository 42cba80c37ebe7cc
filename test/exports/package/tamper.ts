/** What can be done to a package, by accident or by somebody who knows it well. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rewriteLists } from './package-lake.ts';

export interface Tampering {
  readonly name: string;
  readonly change: (folder: string) => void;
}

const edit = (name: string, change: (text: string) => string) => (folder: string) => {
  const before = readFileSync(join(folder, name), 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${name} is as it was: the case tries nothing`);
  writeFileSync(join(folder, name), after);
};
const flip =
  (name: string, at = 0) =>
  (folder: string) => {
    const bytes = readFileSync(join(folder, name));
    bytes[at] = bytes[at]! ^ 1;
    writeFileSync(join(folder, name), bytes);
  };
const evidence = (folder: string, at = 0): string => {
  const sources = readdirSync(join(folder, 'data/evidence')).sort();
  const all = sources.flatMap((source) =>
    readdirSync(join(folder, 'data/evidence', source))
      .sort()
      .map((name) => `data/evidence/${source}/${name}`),
  );
  return all[at]!;
};
const both =
  (...steps: readonly ((folder: string) => void)[]) =>
  (folder: string) => {
    for (const step of steps) step(folder);
  };
const relist = (...steps: readonly ((folder: string) => void)[]) => both(...steps, rewriteLists);
const withoutLine = (text: string) => text.slice(text.indexOf('\n') + 1);

/** Without touching the lists: the manifests alone must find all of these. */
export const PLAIN: readonly Tampering[] = [
  {
    name: 'a file is added to the payload',
    change: (folder) => writeFileSync(join(folder, 'data/more.txt'), 'x'),
  },
  { name: 'a file is added beside it', change: (folder) => writeFileSync(join(folder, 'notes.txt'), 'x') },
  { name: 'a hidden file is added', change: (folder) => writeFileSync(join(folder, 'data/.x'), 'x') },
  {
    name: 'a link takes the place of a file',
    change: (folder) => {
      renameSync(join(folder, 'data/coverage.json'), join(folder, '..', 'elsewhere.json'));
      symlinkSync(join(folder, '..', 'elsewhere.json'), join(folder, 'data/coverage.json'));
    },
  },
  {
    name: 'a pipe takes the place of a file',
    change: (folder) => {
      rmSync(join(folder, 'bagit.txt'));
      spawnSync('mkfifo', [join(folder, 'bagit.txt')]);
    },
  },
  {
    name: 'a body is renamed',
    change: (folder) =>
      renameSync(join(folder, evidence(folder)), join(folder, `${evidence(folder).slice(0, -1)}0`)),
  },
  {
    name: 'two bodies change places',
    change: (folder) => {
      const [a, b] = [join(folder, evidence(folder)), join(folder, evidence(folder, 1))];
      const kept = readFileSync(a);
      cpSync(b, a);
      writeFileSync(b, kept);
    },
  },
  { name: 'a byte is appended to the rows', change: edit('data/rows/answer.jsonl', (text) => `${text}\n`) },
  {
    name: 'a line of the manifest is gone, and its file',
    change: (folder) => {
      edit('manifest-sha256.txt', withoutLine)(folder);
      rmSync(join(folder, 'data/about.json'));
    },
  },
  {
    name: 'a manifest names a file twice',
    change: edit('manifest-sha256.txt', (text) => `${text}${text.split('\n')[0]}\n`),
  },
  {
    name: 'a manifest leads out of the package',
    change: edit('manifest-sha256.txt', (text) => `${text}${'0'.repeat(64)}  data/../../x\n`),
  },
];

/** With every list rewritten to fit: the ledger's proofs and the records must find these, custody record or none. */
export const REWRITTEN: readonly Tampering[] = [
  { name: 'a body is altered', change: relist((folder) => flip(evidence(folder), 30)(folder)) },
  {
    name: 'a body is altered, and everything names it by its new hash',
    change: relist((folder) => {
      const name = evidence(folder);
      flip(name, 30)(folder);
      const sha256 = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
      renameSync(join(folder, name), join(folder, name.replace(/[^/]*$/, sha256)));
      for (const file of ['proofs/entries.jsonl', 'data/records/index.jsonl', 'data/rows/events.jsonl'])
        if (readFileSync(join(folder, file), 'utf8').includes(name.slice(-64)))
          edit(file, (text) => text.replaceAll(name.slice(-64), sha256))(folder);
    }),
  },
  { name: 'a body is gone', change: relist((folder) => rmSync(join(folder, evidence(folder)))) },
  {
    name: 'a body is added',
    change: relist((folder) =>
      writeFileSync(join(folder, evidence(folder).replace(/[^/]*$/, 'ab'.repeat(32))), 'x'),
    ),
  },
  {
    name: 'a ledger entry says otherwise',
    change: relist(edit('proofs/entries.jsonl', (text) => text.replace(/"records\\":\d/, '"records\\":7'))),
  },
  { name: 'a ledger entry is gone', change: relist(edit('proofs/entries.jsonl', withoutLine)) },
  {
    name: 'a proof is of another place',
    change: relist(edit('proofs/entries.jsonl', (text) => text.replace(/"index":\d+/, '"index":1000'))),
  },
  {
    name: 'the checkpoint says another size',
    change: relist(edit('proofs/checkpoint', (text) => text.replace(/\n\d+\n/, '\n999\n'))),
  },
  {
    name: 'the checkpoint has no signature',
    change: relist(edit('proofs/checkpoint', (text) => text.slice(0, text.indexOf('\u2014')))),
  },
  {
    name: 'a row says that its record was another',
    change: relist(
      edit('data/rows/events.jsonl', (text) => text.replace('sourceIPAddress', 'sourceIPaddress')),
    ),
  },
  {
    name: 'the index says that a record was another',
    change: relist(edit('data/records/index.jsonl', (text) => text.replace(/"sha256":"./, '"sha256":"x'))),
  },
  {
    name: 'the index leads elsewhere',
    change: relist(edit('data/records/index.jsonl', (text) => text.replace(/bytes=(\d+)-/, 'bytes=1$1-'))),
  },
  { name: 'a row is gone', change: relist(edit('data/rows/events.jsonl', withoutLine)) },
  {
    name: 'a row is there twice',
    change: relist(edit('data/rows/events.jsonl', (text) => `${text.split('\n')[0]}\n${text}`)),
  },
  {
    name: 'rows are there that about.json leaves out',
    change: relist(
      edit('data/about.json', (text) => {
        const about = JSON.parse(text) as { rows: { name: string }[] };
        about.rows = about.rows.filter(({ name }) => name === 'data/rows/answer');
        return JSON.stringify(about);
      }),
    ),
  },
  {
    name: 'records go along in a way that nobody knows',
    change: relist(
      edit('data/about.json', (text) => text.replace(/"mode": ?"originals"/, '"mode":"bodies"')),
    ),
  },
  { name: 'a line of the index is gone', change: relist(edit('data/records/index.jsonl', withoutLine)) },
  {
    name: 'the CSV says otherwise',
    change: relist(edit('data/rows/events.csv', (text) => text.replace('aws.cloudtrail', 'gcp.cloudtrail'))),
  },
  { name: 'the question is another', change: relist(edit('data/query.sql', (text) => `${text} -- all`)) },
  {
    name: 'the counts are others',
    change: relist(edit('data/about.json', (text) => text.replace(/"rows": \d+/, '"rows": 1'))),
  },
  {
    name: 'the snapshot is another',
    change: relist(edit('data/about.json', (text) => text.replace(/"size": \d+/, '"size": 1'))),
  },
];

/** What no arithmetic finds: only that the ledger's custody record names the manifest. Without one, both verifiers say so. */
export const VOUCHED: readonly Tampering[] = [
  {
    name: 'the cover page says otherwise',
    change: relist(edit('data/cover.html', (text) => text.replace('Evidence', 'evidence'))),
  },
  {
    name: 'the coverage says otherwise',
    change: relist(edit('data/coverage.json', (text) => text.replace('"verdict"', '"Verdict"'))),
  },
  {
    name: 'a file is added to the payload and listed',
    change: relist((folder) => writeFileSync(join(folder, 'data/more.txt'), 'x')),
  },
  {
    name: 'a row is gone, and every list and count says so',
    change: relist((folder) => {
      const [first = ''] = readFileSync(join(folder, 'data/records/index.jsonl'), 'utf8').split('\n');
      const { evidence: body, locator, table } = JSON.parse(first) as Record<string, string>;
      for (const name of ['records/index', 'rows/answer', `rows/${table}`])
        edit(`data/${name}.jsonl`, (text) => {
          const lines = text.split('\n');
          const isIt = (line: string) => line.includes(`"${body}"`) && line.includes(`"${locator}"`);
          return lines.filter((line) => !isIt(line)).join('\n');
        })(folder);
      edit('data/about.json', (text) => {
        const about = JSON.parse(text) as {
          records: { count: number };
          rows: { name: string; rows: number; counted: number; files: string[] }[];
        };
        about.records.count--;
        for (const set of about.rows)
          if (set.name === 'data/rows/answer' || set.name === `data/rows/${table}`) set.counted = --set.rows;
        return JSON.stringify(about);
      })(folder);
      for (const name of ['answer', 'events', 'flows'])
        rmSync(join(folder, `data/rows/${name}.csv`), { force: true });
    }),
  },
];
