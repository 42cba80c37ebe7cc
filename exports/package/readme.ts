/** README.txt of a package: what it holds, how a stranger checks it, what that proves and what it does not. */

import { visible } from '../../engine/format/visible.ts';
import type { About } from './about.ts';
import type { PackageCoverage } from './coverage.ts';
import { CUSTODY_PROOF, CUSTODY_RECORD, type CustodyPart } from './custody.ts';
import { type LedgerProofs, PROOF_FILES } from './proofs.ts';
import { RECORD_BYTES, RECORD_INDEX } from './records.ts';

export interface PackageFacts {
  readonly about: About;
  readonly coverage: PackageCoverage;
  readonly proofs: LedgerProofs;
  readonly manifestSha256: string;
  readonly custody: CustodyPart | null;
}

export const readmeText = (facts: PackageFacts): string =>
  [intro(facts), contents(facts), check(facts), byHand(facts), proves(facts), limits(facts)].join('\n\n');

const intro = ({ about, proofs: { stamp }, manifestSha256 }: PackageFacts): string => `EVIDENCE PACKAGE

Made by ${about.versions.akashi} from the log ${about.snapshot.ledger.origin}, whose ledger had ${about.snapshot.ledger.size} entries.
Asked: ${line(about.question.title ?? about.question.name ?? 'see data/query.sql')}
Rows answered: ${about.rows[0]?.rows ?? 0}. Records of evidence behind them: ${about.records.count}.
Payload manifest: SHA-256 ${manifestSha256}
Time-stamp: ${stamp === null ? 'none yet' : `${iso(stamp.time)}, over the first ${stamp.size} entries of the ledger`}

data/cover.html and data/cover.pdf say the same for reading.`;

function contents({ about, proofs, custody }: PackageFacts): string {
  const { mode } = about.records;
  const held: (readonly [string, string])[] = [
    ['data/cover.html, .pdf', 'cover page'],
    ['data/about.json', 'question, snapshot, versions, and every count beside its source'],
    ['data/query.sql', 'the question as SQL; its parameters are in about.json'],
    ['data/coverage.json', 'what was held of the time asked about, and what was missing'],
    ['data/rows/answer.*', 'the answer: .jsonl (JSON lines), .csv, .parquet'],
  ];
  if (about.rows.length > 1) held.push(['data/rows/events.*, flows.*', 'the whole rows behind the answer']);
  if (about.ocsf !== null) held.push(['data/rows/ocsf.jsonl', `the same rows in OCSF ${about.ocsf.schema}`]);
  if (mode !== 'none') {
    held.push([RECORD_INDEX, 'which record of which evidence each row is of']);
    if (mode === 'originals')
      held.push(['data/evidence/<source>/<sha256>', 'the objects as they were received, byte for byte']);
    else held.push([RECORD_BYTES, 'the bytes of the records, one after the other; the index says where']);
    held.push([PROOF_FILES.entries, 'the ledger entry of each body, and its inclusion proof']);
  }
  held.push([PROOF_FILES.checkpoint, 'size and root of the ledger, signed']);
  held.push([PROOF_FILES.vkey, 'the key that signed it: compare it with a copy you trust']);
  if (proofs.stamp !== null)
    held.push([PROOF_FILES.stamp, 'RFC 3161 time-stamp over proofs/stamped-checkpoint']);
  if (custody !== null && custody.files.length > 0)
    held.push([
      CUSTODY_RECORD,
      custody.sealed
        ? `the custody record of this export; ${CUSTODY_PROOF} proves it`
        : 'the custody record of this export, not sealed yet',
    ]);
  held.push(['verify.py', 'checks all of it; Python alone, and the openssl command']);
  held.push([
    'bagit.txt, bag-info.txt, *manifest-sha256.txt',
    'BagIt 1.0 (RFC 8493): any BagIt tool reads it',
  ]);
  const width = Math.max(...held.map(([name]) => name.length));
  return `WHAT IT HOLDS\n\n${held.map(([name, what]) => `  ${name.padEnd(width)}  ${what}`).join('\n')}`;
}

const check = ({ proofs }: PackageFacts): string => `CHECK IT

Get the log's verifier key from somebody you trust, not from this package, as the file trusted.vkey beside this folder
(in it, it would be a file that was added). It is one line, and whoever made this package says that it is:

  ${proofs.vkey}

Then, in the folder that holds this file:

  python3 verify.py . ../trusted.vkey

Python 3.8 and OpenSSL 3.0 or later are enough. It names every file that was altered, is missing or was added. A verifier
that comes with what it verifies is only as good as your reading of it: it is short, or take your own copy.`;

function byHand({ proofs, about, custody }: PackageFacts): string {
  const stamp =
    proofs.stamp === null
      ? ''
      : `
When: the checkpoint in proofs/stamped-checkpoint existed at ${iso(proofs.stamp.time)}, in the word of the
time-stamping authority alone. ../roots.pem holds the authority's root certificates, from the authority itself; verify.py
takes that file after the key:

  openssl ts -verify -data proofs/stamped-checkpoint -in proofs/timestamp.tsr -CAfile ../roots.pem -attime ${Math.floor(proofs.stamp.time / 1e6)}
`;
  const evidence =
    about.records.mode === 'originals'
      ? `
Each object of evidence has the hash that it is named by, which is the one in its ledger entry (proofs/entries.jsonl):

  for object in data/evidence/*/*; do echo "\${object##*/}  $object"; done | sha256sum --check --quiet
`
      : '';
  const record =
    custody === null || !custody.sealed
      ? ''
      : `
The custody record names this very manifest; both commands must print the same hash:

  sha256sum manifest-sha256.txt | cut -d ' ' -f 1
  python3 -c 'import json; print(json.load(open("custody/record.json"))["result"][-64:])'
`;
  return `THE SAME BY HAND

Every listed file is there and unaltered; neither command may print anything:

  sha256sum --check --quiet manifest-sha256.txt
  sha256sum --check --quiet tagmanifest-sha256.txt
${evidence}
The checkpoint is signed with the key you trust; the last command prints "Signature Verified Successfully". It writes into
another folder, so that nothing is added to this one:

  T=$(mktemp -d)
  VKEY=$(head -n 1 ../trusted.vkey)
  sed '/^$/,$d' proofs/checkpoint > "$T/text"
  grep -- "^— \${VKEY%%+*} " proofs/checkpoint | head -n 1 | cut -d ' ' -f 3 | base64 -d | tail -c 64 > "$T/signature"
  { printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'
    printf '%s' "$VKEY" | cut -d + -f 3- | base64 -d | tail -c 32; } > "$T/key"
  openssl pkeyutl -verify -pubin -keyform DER -inkey "$T/key" -rawin -in "$T/text" -sigfile "$T/signature"
${stamp}${record}
That the checkpoint covers the entries takes a little arithmetic (RFC 6962): check_inclusion in verify.py, 20 lines.`;
}

function proves({ about, proofs, custody }: PackageFacts): string {
  const lines: string[] = [];
  if (about.records.mode === 'originals')
    lines.push(
      'Each object of evidence is, byte for byte, what the log received: its hash is in an entry of the ledger, the ledger is\nsigned. Nobody without the signing key can have altered one, whatever else they rewrote.',
      'Each row that has evidence, locator and raw is of a record that stands in that evidence: raw is its text.',
    );
  if (about.records.mode === 'slices' || about.records.mode === 'texts')
    lines.push(
      "The bodies named in the index were received by the log: their hashes are in the signed ledger. Each row's raw is the\nrecord in data/records/slices.",
    );
  if (proofs.stamp !== null)
    lines.push(
      `The first ${proofs.stamp.size} entries of the ledger existed at ${iso(proofs.stamp.time)}, in the word of the time-stamping authority.`,
    );
  if (custody?.sealed === true)
    lines.push(
      "The package as a whole, every file under data/, is what the log's own custody record says left it: the record names the\nSHA-256 of manifest-sha256.txt and stands in the signed ledger. Whoever alters a row, a count or the cover page and\nrewrites the manifests is found by it.",
    );
  return `WHAT IT PROVES\n\n${lines.length === 0 ? '- Nothing by signature: see below.' : list(lines)}`;
}

function limits({ about, coverage, proofs, custody }: PackageFacts): string {
  const lines: string[] = [];
  if (custody?.sealed !== true)
    lines.push(
      'No signature covers the rows, the counts, the coverage and the cover page. The manifests find accidents, and anybody can\nrewrite them. Ask for a package made with --case, whose custody record names its manifest, or compare the SHA-256 of\nmanifest-sha256.txt by another way with whoever made it.',
    );
  else
    lines.push(
      'The custody record is the word of whoever holds the signing key. If custody/ is gone and the manifests were rewritten, no\nsignature covers the rows any more: verify.py says then that nothing vouches for them.',
    );
  lines.push(
    "The columns beside raw (who, what, to what) are the mapping's reading of the record, of the version in about.json.\nverify.py does not read the record again; `akashi verify` derives the rows again from the originals, and anybody can\nread them.",
    'That the answer holds every row that matches is the word of whoever made it. data/query.sql, its parameters, the\nsnapshot and the counts in about.json let it be asked again.',
    `What the log never received is not in it. Coverage of the time asked about, as of ${coverage.asOf}: ${coverage.verdict ?? 'nothing is held'}.\ndata/coverage.json says what was missing.`,
  );
  if (about.records.mode === 'slices' || about.records.mode === 'texts')
    lines.push(
      'That a slice stands at its place in its body is the word of whoever made the package: a hash over a body cannot show a\npart of it. Whoever is given the body (its SHA-256 is in the index) can check it: cut the range of the locator.',
    );
  if (about.records.byForm.rebuilt > 0)
    lines.push(
      `${about.records.byForm.rebuilt} records (form "rebuilt" in the index) are rows of tables or untidy text: their raw was written anew. Compare\nthem with the evidence by eye.`,
    );
  if (proofs.stamp === null)
    lines.push('No time-stamp covers the checkpoint: when it was signed is the word of whoever signed it.');
  if (about.rows.some(({ files }) => files.some((name) => name.endsWith('.parquet'))) || about.ocsf !== null)
    lines.push(
      'verify.py compares the CSV with the JSON lines value by value. It does not read Parquet and does not map to OCSF.',
    );
  return `WHAT IT DOES NOT PROVE\n\n${list(lines)}\n`;
}

const list = (lines: readonly string[]): string =>
  lines.map((text) => `- ${text.replaceAll('\n', '\n  ')}`).join('\n');
const line = (text: string): string => visible(text.slice(0, 300));
const iso = (micros: number): string => new Date(micros / 1000).toISOString();
