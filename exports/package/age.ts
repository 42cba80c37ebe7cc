/** Encryption of a package to its recipients: the age format, version 1 (https://age-encryption.org/v1). */

import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { AkashiError } from '../../schema/error.ts';

/** The library is loaded only for who encrypts. */
const age = () => import('age-encryption');

/** Throws PACKAGE_RECIPIENT for a text that is no recipient: before the work, not after it. */
export async function encryptTo(
  recipients: readonly string[],
): Promise<(plain: Readable) => Promise<Readable>> {
  const { Encrypter } = await age();
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient.trim());
    } catch (cause) {
      throw new AkashiError(
        'PACKAGE_RECIPIENT',
        `"${shortened(recipient)}" is no age recipient: they begin with age1 and are made by \`age-keygen\`. ` +
          (/^AGE-SECRET-KEY/i.test(recipient)
            ? 'This is a secret key: think of making a new one, since it was typed on a command line.'
            : 'Ask the recipient for the line after "public key".'),
        { cause },
      );
    }
  }
  return async (plain) => {
    const encrypted = await encrypter.encrypt(asWeb(plain));
    return asNode(encrypted);
  };
}

/**
 * Decrypts with the identities in a file, as `age-keygen` writes it. Throws PACKAGE_IDENTITY for a file that holds none, and
 * PACKAGE_NOT_FOR_YOU when it was encrypted to others. What was altered makes the stream fail with PACKAGE_ALTERED.
 */
export async function decryptWith(encrypted: Readable, identityFile: string): Promise<Readable> {
  const { Decrypter } = await age();
  const decrypter = new Decrypter();
  const text = await readFile(identityFile, 'utf8').catch((cause: Error) => {
    throw new AkashiError('PACKAGE_IDENTITY', `"${identityFile}" cannot be read: ${cause.message}`, {
      cause,
    });
  });
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  try {
    for (const line of lines) decrypter.addIdentity(line);
    if (lines.length === 0) throw new Error('it is empty');
  } catch (cause) {
    throw new AkashiError(
      'PACKAGE_IDENTITY',
      `"${identityFile}" holds no age identity: name the file that \`age-keygen -o\` wrote, with a line that begins with AGE-SECRET-KEY-1.`,
      { cause },
    );
  }
  let plain: ReadableStream<Uint8Array>;
  try {
    plain = await decrypter.decrypt(asWeb(encrypted));
  } catch (cause) {
    throw new AkashiError(
      'PACKAGE_NOT_FOR_YOU',
      `It cannot be decrypted with the identities in "${identityFile}": it was encrypted to others, or its beginning was altered (${(cause as Error).message}).`,
      { cause },
    );
  }
  return asNode(plain);
}

const asWeb = (stream: Readable): ReadableStream<Uint8Array> =>
  Readable.toWeb(stream) as unknown as ReadableStream<Uint8Array>;
const asNode = (stream: ReadableStream<Uint8Array>): Readable =>
  Readable.fromWeb(stream as unknown as NodeReadableStream);

/** No secret is repeated in a message. */
const shortened = (text: string): string =>
  /^AGE-SECRET/i.test(text) ? 'AGE-SECRET-KEY-…' : text.slice(0, 80);
