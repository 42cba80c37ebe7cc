/** What is an address and what only looks like one, the same for every source. */

import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipIn, ipOf, parseAddress } from '../../../connectors/parts/address.ts';
import { connectorById } from '../../../connectors/registry.ts';
import { readBody } from '../read-body.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['999.1.1.1', null],
  ['192.0.2.256', null],
  ['192.0.2', null],
  ['192.0.2.1.5', null],
  ['192.0.02.1', null],
  ['1.2.3.', null],
  ['abc', null],
  ['-', null],
])('%s is %s', (text, ip) => {
  expect(ipOf(text)).toBe(ip);
  expect(ipIn(`x ${text} y`, 2, 2 + text.length)).toBe(ip);
});

test('what stands in a line is an address exactly where Node says so', () => {
  const octet = fc.oneof(fc.nat(300).map(String), fc.constantFrom('', '00', '01', 'a', '255'));
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.array(octet, { maxLength: 5 }).map((parts) => parts.join('.')),
  );
  fc.assert(
    fc.property(text, (said) => {
      const found = ipIn(said, 0, said.length);
      if (isIP(said) === 4) expect(found).toBe(said);
      expect(found).toBe(parseAddress(said)?.ip ?? null);
    }),
  );
});

test('a flow whose address is none is kept apart', async () => {
  const line = (address: string) =>
    `2 123456789012 eni-0123456789abcdef0 ${address} 198.51.100.1 40000 443 6 10 840 1700000000 1700000060 ACCEPT OK`;
  const body = Buffer.from(`${line('192.0.2.1')}\n${line('999.1.1.1')}\n`);
  const outcomes = await readBody(connectorById('aws.vpcflow')!, body);
  expect(outcomes.map(({ outcome }) => outcome.kind)).toEqual(['flow', 'unreadable']);
});

test('endlessh names the stranger it holds', async () => {
  const body = Buffer.from(
    '2024-01-10T12:00:00+00:00 web1 endlessh[77]: ACCEPT host=::ffff:192.0.2.7 port=43202 fd=5 n=1/4096\n' +
      '2024-01-10T12:00:20+00:00 web1 endlessh[77]: CLOSE host=2001:db8::7 port=43203 fd=5 time=20.020 bytes=32\n',
  );
  const events = (await readBody(connectorById('linux.auth')!, body)).map(({ outcome }) =>
    outcome.kind === 'event' ? outcome.event : null,
  );
  expect(events).toMatchObject([
    {
      action: 'host.ssh.connect',
      class: 'SSH Activity',
      activity: 'Open',
      src_ip: '192.0.2.7',
      src_port: 43202,
    },
    {
      action: 'host.ssh.disconnect',
      class: 'SSH Activity',
      activity: 'Close',
      src_ip: '2001:db8::7',
      src_port: 43203,
    },
  ]);
});
