/**
 * Signed notes (https://c2sp.org/signed-note): a text, a blank line, and signature lines of the form
 * `— <key name> <base64 of 4-byte key id and signature>`. A signature covers the text with its last newline.
 */

import { isUtf8 } from 'node:buffer';
import { AkashiError } from '../schema/error.ts';
import { fromBase64, toBase64 } from './encoding.ts';
import { accepted, type Outcome, refused } from './outcome.ts';
import type { Verifier } from './vkey.ts';

/** A note of 16 post-quantum signatures is about 110 KB; nothing honest comes near. */
export const MAX_NOTE_BYTES = 256 << 10;
export const MAX_SIGNATURES = 100;

const DASH = '— ';
const KEY_ID_BYTES = 4;
const NEWLINE = 0x0a;

export interface NoteSignature {
  readonly name: string;
  /** First four bytes of the key's hash, as a number. Tells keys of one name apart; proves nothing. */
  readonly id: number;
  readonly signature: Uint8Array;
}

export interface Note {
  /** With its last newline, without the blank line. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Whatever makes signatures that some `Verifier` accepts: a key file, a key management service, a witness. */
export interface Signer {
  readonly name: string;
  /** Raw public key: 32 bytes for Ed25519. */
  readonly publicKey: Uint8Array;
  readonly keyId: number;
  /** The signature over exactly these bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Not empty, no Unicode white space, no plus; and nothing a note may not hold. */
export const isKeyName = (name: string): boolean =>
  /^[^+\p{White_Space}\u0000-\u001f]+$/u.test(name) && name.isWellFormed();

const malformed = (problem: string): Outcome<never> => refused('NOTE_MALFORMED', problem);

/** Reads the form of a note. Nothing in it may be believed before `openNote` has verified it. */
export function parseNote(bytes: Uint8Array): Outcome<Note> {
  if (bytes.length > MAX_NOTE_BYTES) return malformed(`${bytes.length} bytes, at most ${MAX_NOTE_BYTES}`);
  if (!isUtf8(bytes)) return malformed('not UTF-8');
  if (bytes.some((byte) => byte < 0x20 && byte !== NEWLINE)) return malformed('holds a control character');
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  const blank = all.lastIndexOf('\n\n');
  if (blank < 0) return malformed('no blank line before the signatures');
  const lines = all.slice(blank + 2).split('\n');
  if (lines.pop() !== '') return malformed('the last line does not end');
  if (lines.length === 0) return malformed('no signatures');
  if (lines.length > MAX_SIGNATURES)
    return malformed(`${lines.length} signatures, at most ${MAX_SIGNATURES}`);
  const signatures: NoteSignature[] = [];
  for (const [at, line] of lines.entries()) {
    const signature = parseSignature(line);
    if (signature === null) return malformed(`signature line ${at + 1} is none`);
    signatures.push(signature);
  }
  return accepted({ text: all.slice(0, blank + 1), signatures });
}

function parseSignature(line: string): NoteSignature | null {
  if (!line.startsWith(DASH)) return null;
  const [name, base64, ...more] = line.slice(DASH.length).split(' ');
  if (name === undefined || base64 === undefined || more.length > 0 || !isKeyName(name)) return null;
  const blob = fromBase64(base64);
  if (blob === null || blob.length <= KEY_ID_BYTES) return null;
  return { name, id: blob.readUInt32BE(0), signature: blob.subarray(KEY_ID_BYTES) };
}

/** One signature line with its newline. */
export function signatureLine({ name, id, signature }: NoteSignature): string {
  const blob = Buffer.alloc(KEY_ID_BYTES + signature.length);
  blob.writeUInt32BE(id);
  blob.set(signature, KEY_ID_BYTES);
  return `${DASH}${name} ${toBase64(blob)}\n`;
}

export interface OpenedNote extends Note {
  /** The given verifiers whose signature is on the note and holds; at least one. */
  readonly verified: readonly Verifier[];
}

/**
 * Reads a note and verifies it. Signatures of keys not given are passed over, as the specification demands; one
 * that fails for a given key condemns the note, and so does having none that holds.
 */
export function openNote(bytes: Uint8Array, verifiers: readonly Verifier[]): Outcome<OpenedNote> {
  const parsed = parseNote(bytes);
  if (!parsed.ok) return parsed;
  const { text, signatures } = parsed.value;
  const signed = Buffer.from(text);
  const verified = new Set<Verifier>();
  for (const { name, id, signature } of signatures) {
    for (const verifier of verifiers) {
      if (verifier.name !== name || verifier.id !== id) continue;
      if (!verifier.verify(signed, signature)) {
        return refused('NOTE_BAD_SIGNATURE', `the signature of ${verifier.vkey} does not fit the text`);
      }
      verified.add(verifier);
    }
  }
  if (verified.size === 0) {
    const names = [...new Set(signatures.map(({ name }) => name))].slice(0, 5).join(', ');
    return refused('NOTE_UNSIGNED', `signed by no key that was given, only by ${names}`);
  }
  return accepted({ text, signatures, verified: [...verified] });
}

/**
 * The note of a text and the signatures of each signer. Throws NOTE_MALFORMED for a text that no reader would
 * accept: it must be well-formed, end with a newline, and hold no other control character.
 */
export async function signNote(text: string, signers: readonly Signer[]): Promise<Uint8Array> {
  if (!text.endsWith('\n') || !text.isWellFormed() || /[\u0000-\u0009\u000b-\u001f]/.test(text)) {
    throw new AkashiError(
      'NOTE_MALFORMED',
      `The text to sign is ${JSON.stringify(text.slice(0, 80))}. It must be well-formed text without control ` +
        'characters and end with a newline.',
    );
  }
  const bytes = Buffer.from(text);
  const lines = await Promise.all(
    signers.map(async (signer) =>
      signatureLine({ name: signer.name, id: signer.keyId, signature: await signer.sign(bytes) }),
    ),
  );
  return Buffer.from(`${text}\n${lines.join('')}`);
}
