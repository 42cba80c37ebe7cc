/** As much of AWS KMS as signing needs, over its own protocol, so that the real client is what is tested. */

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface KeyInside {
  readonly spec: string;
  readonly usage: string;
  readonly algorithms: readonly string[];
  readonly privateKey: KeyObject;
  readonly publicKey: Buffer;
  /** Signs otherwise than it should. */
  readonly signs?: (message: Buffer) => Buffer;
  readonly fails?: string;
}

export function keyInside(edit: Partial<KeyInside> = {}): KeyInside {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    spec: 'ECC_NIST_EDWARDS25519',
    usage: 'SIGN_VERIFY',
    algorithms: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'],
    privateKey,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }),
    ...edit,
  };
}

type Fields = Record<string, string>;

export class KmsDouble {
  readonly keys = new Map<string, KeyInside>();
  /** Requests as they came. */
  readonly asked: { operation: string; fields: Fields }[] = [];
  #close: () => Promise<void> = async () => {};

  /** Its address. */
  async start(): Promise<string> {
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      const fields = JSON.parse(Buffer.concat(parts).toString()) as Fields;
      this.asked.push({ operation, fields });
      const answer = this.#answer(operation, fields);
      const failed = '__type' in answer;
      response.writeHead(failed ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#close = () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return this.#close();
  }

  #answer(operation: string, fields: Fields): object {
    const key = this.keys.get(fields['KeyId'] ?? '');
    if (key === undefined) return { __type: 'NotFoundException', message: 'no such key' };
    if (key.fails !== undefined) return { __type: key.fails, message: 'refused' };
    if (operation === 'GetPublicKey')
      return {
        KeyId: fields['KeyId'],
        PublicKey: key.publicKey.toString('base64'),
        KeySpec: key.spec,
        KeyUsage: key.usage,
        SigningAlgorithms: key.algorithms,
      };
    const message = Buffer.from(fields['Message'] ?? '', 'base64');
    if (operation !== 'Sign' || fields['MessageType'] !== 'RAW' || message.length > 4096)
      return { __type: 'ValidationException', message: 'not what this algorithm takes' };
    const signature = key.signs?.(message) ?? sign(null, message, key.privateKey);
    return {
      KeyId: fields['KeyId'],
      SigningAlgorithm: fields['SigningAlgorithm'],
      Signature: signature.toString('base64'),
    };
  }
}
