/** A proof as a folder of files that a stranger checks without us. */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AkashiError } from '../schema/error.ts';
import type { Stores } from '../vault/evidence.ts';
import { isMissing } from '../vault/store-error.ts';
import type { Proof } from './prove.ts';

const VERIFIER = new URL('../docs/verify.py', import.meta.url);

/** What each file is, in the order of reading. */
const FILES = {
  record: 'the record, as it was received or as its surroundings say it',
  enclosing: 'the bytes that hold the record, where they are more than the record itself',
  evidence: 'the body it was delivered in, byte for byte as received',
  'entry.json': 'the ledger entry that names the hash of that body',
  'entry.tlog-proof': 'shows that the checkpoint covers the entry (https://c2sp.org/tlog-proof)',
  checkpoint: 'size and root of the ledger, signed (https://c2sp.org/tlog-checkpoint)',
  'ledger.vkey': 'the key that signed it',
  'timestamp.tsr': 'an RFC 3161 time-stamp over the checkpoint',
  'timestamp.crl.pem': 'which certificates their issuers had revoked when it was made',
  'proof.json': 'which row this is about, and where in the body its record stands',
  'verify.py': 'a verifier in a few lines that uses Python and OpenSSL alone',
} as const;

type FileName = keyof typeof FILES;

/** Facts about a proof that no hash covers: they say where to look. */
export const factsOf = ({ origin, form, evidence, entry, imported }: Proof) => ({
  format: 1,
  uid: origin.uid,
  table: origin.table,
  source: origin.source,
  locator: origin.locator,
  form,
  evidence,
  entry: entry.index,
  ...(imported === null
    ? {}
    : { imported: { ...imported, receivedAt: new Date(imported.receivedAt / 1000).toISOString() } }),
});

/**
 * Writes the proof into a folder, made if need be; returns the names of its files. Throws PROOF_EXISTS for a folder that
 * holds something, and PROOF_BROKEN when the evidence changed since it was checked.
 */
export async function writeProof(stores: Stores, proof: Proof, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new AkashiError(
      'PROOF_EXISTS',
      `"${folder}" is not empty, and a proof must stand alone. Name a folder that is new or empty with --out.`,
    );
  }
  const files: Partial<Record<FileName, Uint8Array | string>> = {
    record: proof.record,
    ...(proof.enclosing === null ? {} : { enclosing: proof.enclosing }),
    'entry.json': proof.entry.bytes,
    'entry.tlog-proof': proof.proof,
    checkpoint: proof.checkpoint,
    'ledger.vkey': `${proof.vkey}\n`,
    ...(proof.timestamp === null ? {} : { 'timestamp.tsr': proof.timestamp.reply }),
    ...listsOf(proof),
    'proof.json': `${JSON.stringify(factsOf(proof), null, 2)}\n`,
    ...(await verifier()),
  };
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), content, { flag: 'wx' });
  await copyEvidence(stores, proof, join(folder, 'evidence'));
  const names = (Object.keys(FILES) as FileName[]).filter((name) => name === 'evidence' || name in files);
  await writeFile(join(folder, 'VERIFY.md'), instructions(proof, names), { flag: 'wx' });
  return [...names, 'VERIFY.md'];
}

/** A package may come without its documentation; the verifier is then to be had where that is. */
async function verifier(): Promise<{ 'verify.py'?: Uint8Array }> {
  try {
    return { 'verify.py': await readFile(VERIFIER) };
  } catch (error) {
    if (isMissing(error)) return {};
    throw error;
  }
}

async function copyEvidence({ vault }: Stores, { origin, evidence }: Proof, path: string): Promise<void> {
  const digest = createHash('sha256');
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of vault.openRead(evidence.key)) {
      digest.update(chunk);
      yield chunk;
    }
  }
  await pipeline(Readable.from(hashed(), { objectMode: false }), createWriteStream(path, { flags: 'wx' }));
  if (digest.digest('hex') !== evidence.sha256)
    throw new AkashiError(
      'PROOF_BROKEN',
      `"${origin.uid}" cannot be proven: ${evidence.key} changed while it was copied.`,
    );
}

const FORMS: Readonly<Record<Proof['form'], string>> = {
  bytes: 'The record is a piece of the evidence, byte for byte.',
  decoded:
    'The record stands inside JSON text: `enclosing` is a piece of the evidence, byte for byte, and `record` what it says there, decoded.',
  rebuilt:
    'The record is a row of a table, or was not plain text, and `record` was written anew from it. Only the evidence is proof here: compare it with the record.',
};

function instructions(proof: Proof, names: readonly FileName[]): string {
  const { origin, evidence, entry, form } = proof;
  const rows = names.map((name) => `| \`${name}\` | ${FILES[name]} |`);
  return `# Proof of one record

Record \`${plain(origin.uid)}\` of \`${plain(origin.source)}\`, at \`${plain(origin.locator)}\` of the evidence. ${FORMS[form]}${importedText(proof)}

| file | what it is |
|---|---|
${rows.join('\n')}

## Check it

With a copy of the key that you got from somebody you trust, as \`trusted.vkey\`:

\`\`\`sh
python3 verify.py . trusted.vkey
\`\`\`

It needs Python 3.8 and OpenSSL 3.0 or later, and nothing of Akashi. A verifier that comes with what it verifies is only as
good as your reading of it: it is short, or take your own copy.

## The same by hand

The evidence has the hash that the ledger entry names; both lines must be equal:

\`\`\`sh
sha256sum < evidence | cut -d ' ' -f 1
python3 -c 'import json; print(json.load(open("entry.json"))["sha256"])'
\`\`\`

It is ${evidence.sha256}, and the entry is number ${entry.index} of the log.

The checkpoint is signed with the key you trust; the last command prints "Signature Verified Successfully":

\`\`\`sh
VKEY=$(head -n 1 trusted.vkey)
sed '/^$/,$d' checkpoint > checkpoint.text
grep -- "^— \${VKEY%%+*} " checkpoint | head -n 1 | cut -d ' ' -f 3 | base64 -d | tail -c 64 > checkpoint.signature
{ printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'
  printf '%s' "$VKEY" | cut -d + -f 3- | base64 -d | tail -c 32; } > key.der
openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in checkpoint.text -sigfile checkpoint.signature
\`\`\`

That the checkpoint covers the entry takes a little arithmetic (RFC 6962): \`check_inclusion\` in \`verify.py\`, 15 lines.
${timestampSection(proof)}`;
}

/** What the proof cannot show of a body that another tool held before. */
export function importedText({ imported }: Pick<Proof, 'imported'>): string {
  if (imported === null) return '';
  const { from, held, verdict, meaning, receivedAt } = imported;
  const received = new Date(receivedAt / 1000).toISOString();
  return `

The evidence was imported from ${from}, received ${received}: ${held}. What follows proves it from then on. Of the time before:
${verdict === null ? meaning : `${verdict}, ${meaning}`}.`;
}

/** Revocation lists in PEM, since that is how openssl takes several. */
function listsOf({ timestamp }: Proof): { 'timestamp.crl.pem'?: string } {
  if (timestamp === null || timestamp.crls.length === 0) return {};
  const pem = timestamp.crls.map((der) => {
    const lines =
      Buffer.from(der)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    return ['-----BEGIN X509 CRL-----', ...lines, '-----END X509 CRL-----', ''].join('\n');
  });
  return { 'timestamp.crl.pem': pem.join('') };
}

function timestampSection({ timestamp }: Proof): string {
  if (timestamp === null)
    return `
No time-stamp covers this checkpoint yet: when it was signed rests on the word of whoever signed it.
`;
  const { time, authority, crls } = timestamp;
  const seconds = Math.floor(time / 1e6);
  const revoked = `
Whether a certificate of the authority had been revoked by then says \`timestamp.crl.pem\`, which its issuers signed:

\`\`\`sh
openssl storeutl -noout -text -crls timestamp.crl.pem
\`\`\`
`;
  return `
## When

The checkpoint existed at ${new Date(time / 1000).toISOString()}, in the word of the time-stamping authority
\`${plain(authority)}\` alone. \`roots.pem\` holds the authority's root certificate, from the authority itself; the number
is that time, since its certificates need not be valid any more today:

\`\`\`sh
openssl ts -verify -data checkpoint -in timestamp.tsr -CAfile roots.pem -attime ${seconds}
openssl ts -reply -in timestamp.tsr -text
\`\`\`
${crls.length === 0 ? '' : revoked}`;
}

/** Records are written by whoever was logged: nothing of them may act as markup. */
const plain = (text: string): string => text.replaceAll(/[`\p{C}|]/gu, '\u00b7').slice(0, 200);
