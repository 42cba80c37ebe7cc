/**
 * A custody record that only those it is sealed to can read. The ledger has it whole, encrypted (age), with the SHA-256 of
 * what is inside: everybody sees that there is one, and when; whoever holds an identity can open it, and whoever is shown
 * the opened text can check that it is this one. A salt in it keeps anybody from guessing.
 */

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { DraftOf } from '../../ledger/entry.ts';
import { AkashiError } from '../../schema/error.ts';
import { headFacts, TOOL } from '../../stages/custody.ts';
import type { Head } from '../../tables/head.ts';
import { canonicalJson, type Json } from '../../vault/canonical-json.ts';
import { decryptWith, encryptTo } from '../package/age.ts';

/** In place of who it was. */
export const SEALED = 'sealed';
/** Longest text that is sealed, bytes: encrypted and in base64 it must fit into an entry. */
const MOST_BYTES = 40_000;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The record as the ledger gets it, and the text inside. Throws PACKAGE_RECIPIENT, and DISCLOSURE_TOO_LONG. */
export async function sealRecord(
  facts: Json,
  recipients: readonly string[],
  head: Head,
  at: number,
): Promise<{ draft: DraftOf<'custody'>; opened: string }> {
  const opened = canonicalJson({ salt: randomBytes(32).toString('base64'), record: facts });
  if (Buffer.byteLength(opened) > MOST_BYTES)
    throw new AkashiError(
      'DISCLOSURE_TOO_LONG',
      `The record of this has ${Buffer.byteLength(opened)} bytes, and at most ${MOST_BYTES} can be sealed. Disclose fewer principals at a time.`,
    );
  const encrypted = await (await encryptTo(recipients))(
    Readable.from([Buffer.from(opened)], { objectMode: false }),
  );
  const age = (await bytesOf(encrypted)).toString('base64');
  const draft: DraftOf<'custody'> = {
    kind: 'custody',
    id: randomUUID(),
    action: 'export',
    actor: SEALED,
    account: null,
    case: null,
    purpose: null,
    at,
    ...headFacts(head),
    subject: null,
    subjectSha256: sha256(opened),
    parameters: JSON.stringify({ age }),
    rows: null,
    result: null,
    completes: null,
    tool: TOOL,
  };
  return { draft, opened };
}

type Sealable = Pick<DraftOf<'custody'>, 'actor' | 'subject' | 'subjectSha256' | 'parameters'>;

export const isSealed = ({ actor, subject, parameters }: Sealable): boolean =>
  actor === SEALED && subject === null && ageOf(parameters) !== null;

/** The text inside, once it was seen to be what the record commits to; null where the identities do not open it. */
export async function unsealRecord(record: Sealable, identityFile: string): Promise<string | null> {
  const age = ageOf(record.parameters);
  if (age === null) return null;
  let text: string;
  try {
    const plain = await decryptWith(
      Readable.from([Buffer.from(age, 'base64')], { objectMode: false }),
      identityFile,
    );
    text = await textOf(plain);
  } catch (error) {
    if (error instanceof AkashiError && error.code === 'PACKAGE_NOT_FOR_YOU') return null;
    throw error;
  }
  if (sha256(text) !== record.subjectSha256)
    throw new AkashiError(
      'SEALED_ALTERED',
      'What a sealed record holds is not what it commits to by its hash.',
    );
  return text;
}

function ageOf(parameters: string | null): string | null {
  if (parameters === null) return null;
  try {
    const { age } = JSON.parse(parameters) as { age?: unknown };
    return typeof age === 'string' ? age : null;
  } catch {
    return null;
  }
}

async function bytesOf(chunks: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(parts);
}

export const textOf = async (chunks: AsyncIterable<unknown>): Promise<string> =>
  (await bytesOf(chunks)).toString('utf8');
