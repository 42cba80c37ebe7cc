import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { need, type Outcome } from '../../../ledger/outcome.ts';
import { type Certificate, readCertificate, readRoots } from '../../../ledger/timestamps/certificate.ts';
import { type Asked, checkTimestamp, type Timestamp, type Trust } from '../../../ledger/timestamps/check.ts';
import { POINTS } from '../../../ledger/timestamps/points.ts';
import { encodeRequest, newNonce } from '../../../ledger/timestamps/request.ts';
import {
  CONTENT_TYPE,
  der,
  ess,
  type Forgery,
  forge,
  MESSAGE_DIGEST,
  octets,
  oid,
  SHA1,
  SIGNING_CERTIFICATE,
  SIGNING_CERTIFICATE_V2,
  seq,
} from './parts/forge.ts';
import { CA_EXTENSIONS, HAS_OPENSSL, NO_OPENSSL, Pki, POLICY, TSA_EXTENSIONS } from './parts/openssl.ts';

const DATA = Buffer.from('example.com/log\n8\nroot\n\n— example.com/log signature\n');
const HOUR = 3_600_000;
let pki: Pki;
let roots: readonly Certificate[];

test.skipIf(HAS_OPENSSL)(`left out: ${NO_OPENSSL}`, () => {});

beforeAll(async () => {
  if (!HAS_OPENSSL) return;
  pki = new Pki().standard();
  pki.issue({ name: 'rsa', by: 'ca', key: 'rsa', extensions: TSA_EXTENSIONS });
  roots = await readRoots(pki.at('root.pem'));
});
afterAll(() => pki?.close());

const micros = (millis: number) => Math.round(millis * 1000);

/** A request sent now and answered at once, by our clock. */
const askedNow = (edit: Partial<Asked> = {}): Asked => ({
  data: DATA,
  nonce: newNonce(),
  sentAt: micros(Date.now()),
  receivedAt: micros(Date.now() + 1000),
  ...edit,
});

const trusting = (edit: Partial<Trust> = {}): Trust => ({ roots, policies: [], crls: [], ...edit });

const codeOf = (outcome: Outcome<Timestamp>): string => (outcome.ok ? 'accepted' : outcome.code);

const check = (reply: Uint8Array, asked: Asked, trust: Partial<Trust> = {}): string =>
  codeOf(checkTimestamp(reply, asked, trusting(trust)));

/** A reply put together by hand, by a signer of the folder. */
function forged(
  asked: Asked,
  edit: Partial<Forgery> = {},
  signer = 'tsa',
  chain: readonly string[] = ['ca'],
): Buffer {
  const certificates = [signer, ...chain].map((name) => pki.read(`${name}.der`));
  return forge({
    data: asked.data,
    nonce: asked.nonce,
    key: pki.read(`${signer}.key`),
    certificates,
    ...edit,
  });
}

describe.skipIf(!HAS_OPENSSL)('a token of a real authority', () => {
  test.each(['tsa', 'rsa'])('signed by %s is accepted, and says what openssl says', (signer) => {
    const asked = askedNow();
    const reply = pki.reply(encodeRequest(DATA, asked.nonce), signer);
    expect(pki.verify(reply, DATA)).toMatchObject({ status: 0 });
    const found = need(checkTimestamp(reply, { ...asked, receivedAt: micros(Date.now()) }, trusting()));
    expect(found).toMatchObject({
      policy: POLICY,
      authority: signer,
      accuracy: 1_000_000,
      revocation: 'unknown',
    });
    expect(found.chain).toHaveLength(3);
    expect(Math.abs(found.time / 1000 - Date.now())).toBeLessThan(60_000);
  });

  test('without roots all but chain and revocation is checked', () => {
    const asked = askedNow();
    const reply = pki.reply(encodeRequest(DATA, asked.nonce));
    const found = need(checkTimestamp(reply, askedNow({ nonce: asked.nonce }), trusting({ roots: null })));
    expect(found).toMatchObject({ chain: null, revocation: 'unknown' });
  });

  test('a request that its list of hashes does not allow is refused, and said so', () => {
    const request = seq(
      Buffer.from('020101', 'hex'),
      seq(seq(oid(SHA1), der(0x05)), octets(Buffer.alloc(20))),
      Buffer.from('0101ff', 'hex'),
    );
    const outcome = checkTimestamp(pki.reply(request), askedNow(), trusting());
    expect(outcome).toMatchObject({
      ok: false,
      code: 'TIMESTAMP_STATUS',
      problem: expect.stringContaining('badAlg'),
    });
  });

  test('is refused over other bytes, for another request, from another root, an hour off, or seen before', async () => {
    const asked = askedNow();
    const reply = pki.reply(encodeRequest(DATA, asked.nonce));
    pki.issue({ name: 'other', extensions: CA_EXTENSIONS });
    const others = await readRoots(pki.at('other.pem'));
    expect(check(reply, asked)).toBe('accepted');
    expect(check(reply, { ...asked, data: Buffer.from('other') })).toBe('TIMESTAMP_IMPRINT');
    expect(check(reply, { ...asked, nonce: asked.nonce + 1n })).toBe('TIMESTAMP_NONCE');
    expect(check(reply, asked, { roots: others })).toBe('TIMESTAMP_CHAIN');
    expect(check(reply, asked, { roots: [] })).toBe('TIMESTAMP_CHAIN');
    expect(check(reply, asked, { policies: ['2.999.9'] })).toBe('TIMESTAMP_POLICY');
    expect(check(reply, asked, { policies: ['2.999.9', POLICY] })).toBe('accepted');
    expect(check(reply, asked, { isSeen: () => true })).toBe('TIMESTAMP_SERIAL');
    for (const off of [HOUR, -HOUR]) {
      const shifted = { sentAt: asked.sentAt + off * 1000, receivedAt: asked.receivedAt + off * 1000 };
      expect(check(reply, { ...asked, ...shifted })).toBe('TIMESTAMP_TIME');
    }
    expect(pki.verify(reply, DATA, 'other').status).not.toBe(0);
  });
});

describe.skipIf(!HAS_OPENSSL)('each of the fourteen points is refused with its own reason', () => {
  test('what is put together by hand is as good as what openssl makes', () => {
    const asked = askedNow();
    for (const signer of ['tsa', 'rsa']) {
      const reply = forged(asked, {}, signer);
      expect(check(reply, asked)).toBe('accepted');
      expect(pki.verify(reply, DATA)).toMatchObject({ status: 0 });
    }
  });

  const shared: [string, Partial<Forgery> | (() => Partial<Forgery>), string][] = [
    ['1: refused by the authority', { status: 2 }, 'TIMESTAMP_STATUS'],
    ['1: told to wait', { status: 3 }, 'TIMESTAMP_STATUS'],
    ['2: another kind of message', { contentInfoType: '1.2.840.113549.1.7.3' }, 'TIMESTAMP_CONTENT_TYPE'],
    ['2: another kind of content', { contentType: '1.2.840.113549.1.7.1' }, 'TIMESTAMP_CONTENT_TYPE'],
    ['3: two signers', { signers: 2 }, 'TIMESTAMP_SIGNERS'],
    ['3: no signer', { signers: 0 }, 'TIMESTAMP_SIGNERS'],
    ['4: no signed attributes', { bare: true }, 'TIMESTAMP_ATTRIBUTES'],
    ['4: no content type', { attributes: { [CONTENT_TYPE]: null } }, 'TIMESTAMP_ATTRIBUTES'],
    [
      '4: another content type',
      { attributes: { [CONTENT_TYPE]: oid('1.2.840.113549.1.7.1') } },
      'TIMESTAMP_ATTRIBUTES',
    ],
    ['4: no digest', { attributes: { [MESSAGE_DIGEST]: null } }, 'TIMESTAMP_ATTRIBUTES'],
    ['4: another digest', { attributes: { [MESSAGE_DIGEST]: octets(Buffer.alloc(32)) } }, 'TIMESTAMP_DIGEST'],
    ['4: a time altered afterwards', { afterwards: laterByAnHour }, 'TIMESTAMP_DIGEST'],
    ['5: a signature of another key', () => ({ key: pki.read('ca.key') }), 'TIMESTAMP_SIGNATURE'],
    [
      '5: a signature of another kind than the key',
      { signatureOid: '1.2.840.113549.1.1.11' },
      'TIMESTAMP_SIGNATURE',
    ],
    ['6: a weak imprint', { imprintOid: SHA1 }, 'TIMESTAMP_WEAK'],
    ['6: a weak digest', { digestOid: SHA1 }, 'TIMESTAMP_WEAK'],
    ['6: a weak signature', { signatureOid: '1.2.840.10045.4.1' }, 'TIMESTAMP_WEAK'],
    ['6: other bytes', { data: Buffer.from('other') }, 'TIMESTAMP_IMPRINT'],
    ['7: no nonce', { nonce: null }, 'TIMESTAMP_NONCE'],
    ['7: another nonce', { nonce: 5n }, 'TIMESTAMP_NONCE'],
    ['8: no name of the signer', { attributes: { [SIGNING_CERTIFICATE_V2]: null } }, 'TIMESTAMP_SIGNER'],
    [
      '8: the name of another',
      () => ({ attributes: { [SIGNING_CERTIFICATE_V2]: ess([pki.read('ca.der')]) } }),
      'TIMESTAMP_SIGNER',
    ],
    [
      '8: a chain named without its root',
      () => ({ attributes: { [SIGNING_CERTIFICATE_V2]: ess([pki.read('tsa.der'), pki.read('ca.der')]) } }),
      'TIMESTAMP_SIGNER',
    ],
    ['8: a signer whose certificate is kept back', { without: [0] }, 'TIMESTAMP_SIGNER'],
    [
      '8: another authority in the time-stamp',
      { tstInfo: (all) => [...all, der(0xa0, der(0x86, 'http://example.com/'))] },
      'TIMESTAMP_SIGNER',
    ],
    ['10: an issuer kept back', { without: [1] }, 'TIMESTAMP_CHAIN'],
    ['12: another policy', { policy: '2.999.5' }, 'TIMESTAMP_POLICY'],
    ['13: an hour before it was asked for', { genTime: Date.now() - HOUR }, 'TIMESTAMP_TIME'],
    ['13: in an hour', { genTime: Date.now() + HOUR }, 'TIMESTAMP_TIME'],
    [
      'a critical extension that nobody knows',
      {
        tstInfo: (all) => [
          ...all,
          der(0xa1, seq(oid('2.999.3'), Buffer.from('0101ff', 'hex'), octets(Buffer.of(5, 0)))),
        ],
      },
      'TIMESTAMP_MALFORMED',
    ],
    ['a member too many', { tstInfo: (all) => [...all, der(0x05)] }, 'TIMESTAMP_MALFORMED'],
    [
      'a version of tomorrow',
      { tstInfo: ([, ...all]) => [Buffer.from('020102', 'hex'), ...all] },
      'TIMESTAMP_MALFORMED',
    ],
  ];

  test.each(shared)('%s', (_, edit, code) => {
    const asked = askedNow();
    const reply = forged(asked, typeof edit === 'function' ? edit() : edit);
    expect(check(reply, asked, { policies: [POLICY] })).toBe(code);
  });

  function laterByAnHour(info: Buffer): Buffer {
    const at = info.indexOf(`${new Date().getUTCFullYear()}`, 'latin1') + 8;
    const copy = Buffer.from(info);
    copy.write(copy.toString('latin1', at, at + 2) === '23' ? '00' : '23', at, 'latin1');
    return copy;
  }

  test('8: the older way to name the signer is good as well, and whole chains are', () => {
    const asked = askedNow();
    const names = ['tsa', 'ca', 'root'].map((name) => pki.read(`${name}.der`));
    const older = { [SIGNING_CERTIFICATE_V2]: null, [SIGNING_CERTIFICATE]: ess(names.slice(0, 1), 'sha1') };
    for (const attributes of [older, { [SIGNING_CERTIFICATE_V2]: ess(names) }]) {
      const reply = forged(asked, { attributes });
      expect(check(reply, asked)).toBe('accepted');
      expect(pki.verify(reply, DATA)).toMatchObject({ status: 0 });
    }
  });

  const KEY = 'basicConstraints=CA:false\nkeyUsage=critical,digitalSignature\n';
  const certificates: [
    string,
    { extensions: string; key?: 'rsa1024'; from?: number; to?: number; digest?: string },
    string,
  ][] = [
    ['9: no purpose', { extensions: KEY }, 'TIMESTAMP_PURPOSE'],
    [
      '9: another purpose',
      { extensions: `${KEY}extendedKeyUsage=critical,emailProtection\n` },
      'TIMESTAMP_PURPOSE',
    ],
    [
      '9: a second purpose',
      { extensions: `${KEY}extendedKeyUsage=critical,timeStamping,serverAuth\n` },
      'TIMESTAMP_PURPOSE',
    ],
    [
      '9: a purpose that is not critical',
      { extensions: `${KEY}extendedKeyUsage=timeStamping\n` },
      'TIMESTAMP_PURPOSE_NOT_CRITICAL',
    ],
    [
      '9: a key for encryption',
      { extensions: TSA_EXTENSIONS.replace('Signature', 'Signature,keyEncipherment') },
      'TIMESTAMP_PURPOSE',
    ],
    [
      '9: an authority itself',
      { extensions: TSA_EXTENSIONS.replace('CA:false', 'CA:true') },
      'TIMESTAMP_PURPOSE',
    ],
    ['10: expired at the time', { extensions: TSA_EXTENSIONS, to: Date.now() - HOUR }, 'TIMESTAMP_EXPIRED'],
    [
      '10: not yet valid at the time',
      { extensions: TSA_EXTENSIONS, from: Date.now() + HOUR },
      'TIMESTAMP_EXPIRED',
    ],
    [
      '10: a critical extension that nobody knows',
      { extensions: `${TSA_EXTENSIONS}2.999.4=critical,DER:0500\n` },
      'TIMESTAMP_CHAIN',
    ],
    ['6: a key that is too short', { extensions: TSA_EXTENSIONS, key: 'rsa1024' }, 'TIMESTAMP_WEAK'],
    ['6: a certificate signed over SHA-1', { extensions: TSA_EXTENSIONS, digest: 'sha1' }, 'TIMESTAMP_WEAK'],
  ];

  test.each(certificates)('%s', (_, issue, code) => {
    pki.issue({ name: 'bad', by: 'ca', ...issue });
    const asked = askedNow();
    expect(check(forged(asked, {}, 'bad'), asked)).toBe(code);
  });

  const issuers: [string, string, string][] = [
    ['10: an issuer that is no authority', 'basicConstraints=CA:false\n', 'TIMESTAMP_CHAIN'],
    [
      '10: an issuer that may not sign certificates',
      'basicConstraints=critical,CA:true\nkeyUsage=critical,cRLSign\n',
      'TIMESTAMP_CHAIN',
    ],
    [
      '10: an issuer that restricts names',
      `${CA_EXTENSIONS}nameConstraints=permitted;DNS:example.com\n`,
      'TIMESTAMP_CHAIN',
    ],
  ];

  test.each(issuers)('%s', (_, extensions, code) => {
    pki.issue({ name: 'middle', by: 'root', extensions });
    pki.issue({ name: 'leaf', by: 'middle', extensions: TSA_EXTENSIONS });
    const asked = askedNow();
    expect(check(forged(asked, {}, 'leaf', ['middle']), asked)).toBe(code);
  });

  test('10: no more certificates between than the root allows', async () => {
    pki.issue({ name: 'strict', extensions: CA_EXTENSIONS.replace('CA:true', 'CA:true,pathlen:0') });
    pki.issue({ name: 'between', by: 'strict', extensions: CA_EXTENSIONS });
    pki.issue({ name: 'below', by: 'between', extensions: TSA_EXTENSIONS });
    const asked = askedNow();
    const reply = forged(asked, {}, 'below', ['between']);
    expect(check(reply, asked, { roots: await readRoots(pki.at('strict.pem')) })).toBe('TIMESTAMP_CHAIN');
    expect(pki.verify(reply, DATA, 'strict').status).not.toBe(0);
  });

  test('11: revoked by the time, or for a reason that says the key cannot be trusted', () => {
    const asked = askedNow();
    const reply = forged(asked);
    const clean = [pki.crl('ca'), pki.crl('root')];
    const found = need(checkTimestamp(reply, asked, trusting({ crls: clean })));
    expect(found.revocation).toBe('checked');
    // A list of one issuer alone says nothing of the other's certificates.
    expect(need(checkTimestamp(reply, asked, trusting({ crls: clean.slice(0, 1) }))).revocation).toBe(
      'unknown',
    );

    const reasons = ['', 'keyCompromise', 'superseded'] as const;
    for (const reason of reasons) {
      const name = `revoked${reason}`;
      pki.issue({ name, by: 'ca', extensions: TSA_EXTENSIONS });
      const list = pki.crl('ca', { [name]: reason });
      const before = askedNow({ sentAt: micros(Date.now() - HOUR), receivedAt: micros(Date.now() - HOUR) });
      const made = forged(before, { genTime: Date.now() - HOUR }, name);
      const after = forged(asked, { genTime: Date.now() + 60_000 }, name);
      expect(check(after, asked, { crls: [list] })).toBe('TIMESTAMP_REVOKED');
      expect(check(made, before, { crls: [list] })).toBe(
        reason === 'superseded' ? 'accepted' : 'TIMESTAMP_REVOKED',
      );
      // A list that another signed, or whose bytes were altered, speaks against nobody.
      const altered = Buffer.from(list);
      altered[altered.length - 5]! ^= 1;
      expect(check(after, asked, { crls: [altered, Buffer.from('none'), pki.crl('root')] })).toBe('accepted');
    }
  });

  test('every reason there is was met in these tests', () => {
    const met = new Set([...shared, ...certificates, ...issuers].map(([, , code]) => code));
    const elsewhere = ['TIMESTAMP_REVOKED', 'TIMESTAMP_SERIAL'];
    expect([...met, ...elsewhere].sort()).toEqual(Object.keys(POINTS).sort());
    expect(new Set(Object.values(POINTS).map(({ point }) => point))).toEqual(
      new Set(Array.from({ length: 14 }, (_, at) => at + 1)),
    );
  });
});

describe.skipIf(!HAS_OPENSSL)('bytes that are not as they were', () => {
  const flip = (reply: Uint8Array, bit: number) => reply.with(bit >> 3, reply[bit >> 3]! ^ (1 << (bit & 7)));
  const bitsOf = (reply: Uint8Array) => Array.from({ length: reply.length * 8 }, (_, bit) => bit);
  /** Every byte, and each of its bits in turn. */
  const someOf = (reply: Uint8Array) => Array.from(reply, (_, at) => at * 8 + (at % 8));

  test('nothing that openssl refuses is accepted, whichever byte is altered', () => {
    const asked = askedNow();
    const reply = pki.reply(encodeRequest(DATA, asked.nonce));
    const accepted = someOf(reply).filter((bit) => check(flip(reply, bit), asked) === 'accepted');
    // A status of 1 for 0, and versions of the format that nothing depends on.
    expect(accepted.length).toBeLessThan(8);
    expect(accepted.filter((bit) => pki.verify(flip(reply, bit), DATA).status !== 0)).toEqual([]);
  });

  test('nor where certificates came along that nothing needs', () => {
    const asked = askedNow();
    const reply = forged(asked, {}, 'tsa', ['root', 'rsa', 'ca']);
    let accepted = 0;
    fc.assert(
      fc.property(fc.constantFrom(...bitsOf(reply)), (bit) => {
        const altered = flip(reply, bit);
        if (check(altered, asked) !== 'accepted') return;
        accepted++;
        expect(pki.verify(altered, DATA)).toMatchObject({ status: 0 });
      }),
      { numRuns: 200 },
    );
    expect(accepted).toBeGreaterThan(10);
  });

  test('any bytes, and any cut, get an answer', () => {
    const asked = askedNow();
    const reply = forged(asked);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => check(bytes, asked) !== 'accepted'),
      { numRuns: 500 },
    );
    for (let length = 0; length < reply.length; length += 7)
      expect(check(reply.subarray(0, length), asked)).toBe('TIMESTAMP_MALFORMED');
    expect(check(Buffer.concat([reply, Buffer.of(0)]), asked)).toBe('TIMESTAMP_MALFORMED');
  });
});

describe.skipIf(!HAS_OPENSSL)('roots', () => {
  test.each([
    ['a file that is not there', 'missing.pem'],
    ['a file without certificates', 'root.key'],
    ['a certificate that is no root', 'ca.pem'],
  ])('%s cannot be believed', async (_, name) => {
    await expect(readRoots(pki.at(name))).rejects.toMatchObject({ code: 'TSA_ROOTS_UNUSABLE' });
  });

  test('a certificate is read as it stands', () => {
    const found = need(readCertificate(pki.read('tsa.der')));
    expect(found).toMatchObject({ purposes: ['1.3.6.1.5.5.7.3.8'], authority: null, keyUsage: [0x80] });
  });
});
