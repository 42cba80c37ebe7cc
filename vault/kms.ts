/**
 * A signing key in AWS KMS, which never leaves it: key spec ECC_NIST_EDWARDS25519, usage SIGN_VERIFY
 * (https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html).
 */

import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { AkashiError } from '../schema/error.ts';

const KEY_SPEC = 'ECC_NIST_EDWARDS25519';
/** Plain Ed25519. Its pre-hashed sibling ED25519_PH_SHA_512 makes other signatures of the same length. */
const ALGORITHM = 'ED25519_SHA_512';
/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
const MAX_MESSAGE_BYTES = 4096;

const ATTEMPTS = 4;
const CONNECT_MILLIS = 5000;
const SILENCE_MILLIS = 30_000;

export interface KmsKey {
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** Signs a message of at most 4,096 bytes. Throws as `openKmsKey` does, and KMS_MESSAGE_TOO_LONG. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** Key id, alias or ARN; an ARN says its region, otherwise the environment does. Credentials come as in all AWS tools. */
export function kmsClient(keyId: string): KMSClient {
  const region = /^arn:[^:]*:kms:([^:]+):/.exec(keyId)?.[1];
  return new KMSClient({
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_MILLIS, requestTimeout: SILENCE_MILLIS },
    ...(region === undefined ? {} : { region }),
  });
}

/**
 * Asks for the key's public half and refuses a key that cannot sign checkpoints: KMS_KEY_UNSUITABLE. Throws
 * KMS_KEY_MISSING, KMS_KEY_DISABLED, KMS_DENIED and KMS_UNREACHABLE for what the service answers.
 */
export async function openKmsKey(keyId: string, client: KMSClient = kmsClient(keyId)): Promise<KmsKey> {
  const answer = await asked(keyId, () => client.send(new GetPublicKeyCommand({ KeyId: keyId })));
  const { KeySpec, KeyUsage, SigningAlgorithms, PublicKey } = answer;
  if (
    KeySpec !== KEY_SPEC ||
    KeyUsage !== 'SIGN_VERIFY' ||
    SigningAlgorithms?.includes(ALGORITHM) !== true ||
    PublicKey === undefined
  )
    throw new AkashiError(
      'KMS_KEY_UNSUITABLE',
      `The KMS key ${keyId} has the spec ${KeySpec ?? 'unknown'} and the usage ${KeyUsage ?? 'unknown'}; checkpoints ` +
        `are signed with ${ALGORITHM}. Make one with \`aws kms create-key --key-spec ${KEY_SPEC} --key-usage SIGN_VERIFY\`.`,
    );
  return {
    publicKey: PublicKey,
    async sign(message) {
      if (message.length > MAX_MESSAGE_BYTES)
        throw new AkashiError(
          'KMS_MESSAGE_TOO_LONG',
          `KMS signs at most ${MAX_MESSAGE_BYTES} bytes, and was to sign ${message.length}.`,
        );
      const { Signature } = await asked(keyId, () =>
        client.send(
          new SignCommand({
            KeyId: keyId,
            Message: message,
            MessageType: 'RAW',
            SigningAlgorithm: ALGORITHM,
          }),
        ),
      );
      return Signature ?? new Uint8Array();
    },
  };
}

const CODES: Readonly<Record<string, readonly [code: string, what: string]>> = {
  NotFoundException: ['KMS_KEY_MISSING', 'is not there, in this account and region'],
  InvalidArnException: ['KMS_KEY_MISSING', 'is no key id, alias or ARN'],
  DisabledException: ['KMS_KEY_DISABLED', 'is disabled'],
  KMSInvalidStateException: ['KMS_KEY_DISABLED', 'cannot be used in the state it is in'],
  InvalidKeyUsageException: ['KMS_KEY_UNSUITABLE', 'is not for signing'],
  AccessDeniedException: [
    'KMS_DENIED',
    'may not be used with these credentials (kms:GetPublicKey, kms:Sign)',
  ],
  UnrecognizedClientException: ['KMS_DENIED', 'may not be used: the credentials are not known'],
  ExpiredTokenException: ['KMS_DENIED', 'may not be used: the credentials have expired'],
  CredentialsProviderError: ['KMS_DENIED', 'may not be used: there are no credentials'],
};

async function asked<T>(keyId: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const { name, message } = cause as { name?: string; message?: string };
    const [code, what] = CODES[name ?? ''] ?? ['KMS_UNREACHABLE', 'could not be asked'];
    throw new AkashiError(code, `The KMS key ${keyId} ${what}: ${message ?? name ?? String(cause)}`, {
      cause,
    });
  }
}
