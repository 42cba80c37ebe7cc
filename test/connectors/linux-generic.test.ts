import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BodyFacts, Connector, SourceRecord } from '../../connectors/contract.ts';
import { LINUX_EVENTS, ocsfOfLinuxEvent } from '../../connectors/parts/linux-events.ts';
import { parseSyslog } from '../../connectors/parts/syslog.ts';
import { shownText } from '../../connectors/parts/terminal.ts';
import { recognise, sampleOf } from '../../connectors/recognise.ts';
import { connectorById } from '../../connectors/registry.ts';
import type { AuditEvent } from '../../schema/columns.ts';
import classes from '../../schema/ocsf-classes.json' with { type: 'json' };
import { readBody, SAMPLE_MODIFIED } from './read-body.ts';

const linuxAuth = connectorById('linux.auth')!;
const awsSsmSession = connectorById('aws.ssmsession')!;
const genericText = connectorById('generic.text')!;
const genericJson = connectorById('generic.json')!;

const samples = new URL('../../../shared/samples/linux-auth/', import.meta.url);

async function eventsOf(connector: Connector, body: string | Buffer): Promise<AuditEvent[]> {
  return (await readBody(connector, Buffer.from(body))).flatMap(({ outcome }) =>
    outcome.kind === 'event' ? [outcome.event] : [],
  );
}

/** The row of one text line, with a last-modified time or without one. */
function lineEvent(
  raw: string,
  modified: number | null = SAMPLE_MODIFIED,
  connector = linuxAuth,
): AuditEvent {
  const record: SourceRecord = { raw, bytes: null, value: undefined, locator: 'bytes=0-1' };
  const facts: BodyFacts = { sha256: '0'.repeat(64), origin: 'x', modified };
  const outcome = connector.normalise(record, facts);
  if (outcome.kind !== 'event') throw new Error(outcome.kind);
  return outcome.event;
}

const recognisedAs = (body: string | Buffer): string | undefined =>
  recognise(sampleOf('renamed', Buffer.from(body), true))?.connector.id;

describe('years that are left out', () => {
  const at = (iso: string): number => Date.parse(iso) * 1000;
  const line = (when: string): string => `${when} web1 sshd[1]: Server listening on :: port 22.`;

  test.each([
    ['Jan 10 09:00:00', '2024-01-15T00:00:00Z', '2024-01-10T09:00:00Z'],
    ['Jan 15 23:00:00', '2024-01-15T00:00:00Z', '2024-01-15T23:00:00Z'],
    ['Jan 16 01:00:00', '2024-01-15T00:00:00Z', '2023-01-16T01:00:00Z'],
    ['Dec 31 23:59:59', '2024-01-01T00:00:01Z', '2023-12-31T23:59:59Z'],
    ['Jan  1 00:00:01', '2023-12-31T23:00:00Z', '2024-01-01T00:00:01Z'],
    ['Feb 29 12:00:00', '2023-06-01T00:00:00Z', '2020-02-29T12:00:00Z'],
    ['Feb 29 12:00:00', '1904-01-01T00:00:00Z', '1896-02-29T12:00:00Z'],
  ])('%s in a file last changed %s is %s', (when, modified, expected) => {
    expect(lineEvent(line(when), at(modified)).time).toBe(at(expected));
  });

  test('stay unknown where the file says nothing of its age', () => {
    const event = lineEvent(line('Jan 10 09:00:00'), null);
    expect(event).toMatchObject({ time: null, time_original: 'Jan 10 09:00:00', dst_host: 'web1' });
  });

  test('are never later than the file plus a day', () => {
    const time = fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(time, time, (written, modified) => {
        const [, day, month] = written.toUTCString().split(' ');
        const header = `${month} ${day} ${written.toISOString().slice(11, 19)}`;
        const found = parseSyslog(line(header), modified.getTime() * 1000)?.time;
        expect(found).toEqual(expect.any(Number));
        expect(found!).toBeLessThanOrEqual((modified.getTime() + 86_400_000) * 1000);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what users choose cannot pose as what the host says', () => {
  const words = fc.constantFrom(
    'root',
    'from',
    '192.0.2.1',
    'port 22',
    'ssh2',
    'ssh2: RSA SHA256:abc',
    '[preauth]',
    'for invalid user',
    'user=root',
    'rhost=192.0.2.1',
    'Accepted password for',
    '',
  );
  const name = fc.array(words, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(' '));
  const head = 'Jan 10 09:00:00 bastion sshd[1]: ';

  test.each([
    ['Failed password for invalid user ', ' from 203.0.113.66 port 41000 ssh2'],
    ['Failed none for invalid user ', ' from 203.0.113.66 port 41000 ssh2 [preauth]'],
    ['Invalid user ', ' from 203.0.113.66 port 41000'],
    ['Connection closed by invalid user ', ' 203.0.113.66 port 41000 [preauth]'],
    ['Disconnected from invalid user ', ' 203.0.113.66 port 41000 [preauth]'],
    [
      'error: maximum authentication attempts exceeded for invalid user ',
      ' from 203.0.113.66 port 41000 ssh2 [preauth]',
    ],
    ["Bad protocol version identification '", "' from 203.0.113.66 port 41000"],
    [
      'pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.66  user=',
      '',
    ],
  ])('%s…', (before, after) => {
    fc.assert(
      fc.property(name, (chosen) => {
        const event = lineEvent(`${head}${before}${chosen}${after}`);
        expect(event.src_ip).toBe('203.0.113.66');
        expect(event.status).not.toBe('success');
        expect(event.dst_host).toBe('bastion');
      }),
      { numRuns: 300 },
    );
  });

  test('the reason of a disconnect is the client’s own text', () => {
    fc.assert(
      fc.property(name, (chosen) => {
        const event = lineEvent(
          `${head}Received disconnect from 203.0.113.66 port 41000:11: ${chosen} [preauth]`,
        );
        expect(event).toMatchObject({ src_ip: '203.0.113.66', src_port: 41000, actor_name: null });
      }),
    );
  });

  test('a certificate’s key id and a name that imitate each other leave the address empty', () => {
    const end = 'port 41000 ssh2: RSA-CERT SHA256:a ID x (serial 0) CA RSA SHA256:c';
    const event = lineEvent(`${head}Failed publickey for a from 192.0.2.1 ${end} from 203.0.113.66 ${end}`);
    expect(event).toMatchObject({ operation: 'sshd:failed', src_ip: null, actor_name: null });
  });

  test('sudo: nothing of the command line is hidden', () => {
    const part = fc.constantFrom(' ; ', 'COMMAND=', '/bin/sh', 'USER=root', ' : ', 'TTY=pts/9', 'PWD=/');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const command = `/bin/echo ${parts.join('')}`;
        const event = lineEvent(
          `Jan 10 09:00:00 web1 sudo:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=${command}`,
        );
        expect(event.command).toBe(command.trimEnd());
        expect(event.actor_name).toBe('alice');
        expect([null, 'root']).toContain(event.target_name);
      }),
    );
  });

  test('web servers: the time and the request are the server’s own', () => {
    const event = lineEvent(
      '203.0.113.66 - x [01/Jan/2020:00:00:00 +0000] GET /ok 200 [10/Jan/2024:13:55:40 +0000] "GET /admin HTTP/1.1" 401 5',
      null,
      genericText,
    );
    expect(event).toMatchObject({ time: Date.UTC(2024, 0, 10, 13, 55, 40) * 1000, target_id: '/admin' });
  });
});

describe('hostile lines of a megabyte take no longer than honest ones', () => {
  const MEGABYTE = 1 << 20;
  const repeat = (text: string): string => text.repeat(Math.ceil(MEGABYTE / text.length));
  const sshd = 'Jan 10 09:00:00 web1 sshd[1]: ';
  const sudo = 'Jan 10 09:00:00 web1 sudo: alice : ';
  const lines = {
    names: `${sshd}Failed password for invalid user ${repeat(' from 192.0.2.1 port 22 ssh2')}`,
    spaces: `${sshd}${repeat(' ')}x`,
    pam: `${sshd}pam_unix(sshd:auth): authentication failure; ${repeat('logname= uid=0 euid=0 tty= ruser= rhost= ')}`,
    sudo: `${sudo}${repeat('TTY=pts/0 ; PWD=/ ; USER=root ; ')}`,
    command: `${sudo}COMMAND=${repeat('; COMMAND=')}`,
    structured: `<34>1 2024-01-10T09:00:00Z h a p m ${repeat('[a b="\\"]')}`,
    stamps: repeat('<34>2024-01-10T09:00:00.000Z '),
    exported: `2024-01-10T09:00:00.000Z ${repeat('<34>2024-01-10T09:00:00.000Z ')}`,
    header: repeat('Jan 10 09:00:00 '),
    repeated: `${sshd}message repeated 3 times: [ ${repeat('[ ] ')}`,
    brackets: repeat('[10/Jan/2024:13:55:40 +0000] '),
    quotes: `198.51.100.7 - - [10/Jan/2024:13:55:40 +0000] ${repeat('"\\')}`,
    pairs: repeat('a="b\\" c=\'d '),
    openQuotes: repeat(' a="'),
    equals: repeat('='),
    commas: `20240110 10:00:01,${repeat(',')}`,
    audit: `20240110 10:00:01,db,a,h,1,2,QUERY,app,'${repeat("','")}`,
    csv: `2024-01-10 10:00:06.007 UTC,${repeat('"a""b",')}`,
    postgres: `2024-01-10 10:00:04.123 UTC [1] ${repeat('a@b LOG: ')}`,
    pgaudit: `2024-01-10 10:00:04.123 UTC [1] a@b LOG:  AUDIT: ${repeat('SESSION,"')}`,
    nginx: `2024/01/10 11:00:05 [error] 1#0: ${repeat('client: 1, server: ')}`,
    json: `{"a":${repeat('[')}`,
    members: `{${repeat('"a":1,')}"b":1}`,
    balancer: `http 2024-01-10T22:23:00Z ${repeat('x ')}`,
    escapes: `sh-4.2$ ${repeat('\x1b[')}`,
    inserted: `sh-4.2$ ${repeat('\x1b[@')}`,
    titles: `sh-4.2$ ${repeat('\x1b]0;')}`,
    prompts: repeat('[a@b '),
    digits: repeat('1'),
    letters: repeat('a'),
  };

  test.each(Object.entries(lines))('%s', (_, raw) => {
    for (const connector of [linuxAuth, genericText, genericJson, awsSsmSession]) {
      const started = performance.now();
      const event = lineEvent(raw, SAMPLE_MODIFIED, connector);
      const passed = performance.now() - started;
      expect(event.class).not.toBeNull();
      // 50 ms on an idle core; the machine that runs the tests may have other work.
      expect(passed, `${connector.id} took ${Math.round(passed)} ms`).toBeLessThan(250);
    }
  });

  test.each(Object.entries(lines))('recognising %s', (_, raw) => {
    const started = performance.now();
    recognise(sampleOf('x', Buffer.from(raw.slice(0, 64 * 1024)), false));
    expect(performance.now() - started).toBeLessThan(250);
  });
});

test('every event has an OCSF class and activity that exist', () => {
  const known = classes.classes as Record<string, { activities: Record<string, string> }>;
  for (const event of [...LINUX_EVENTS, 'message', 'error', 'repeated', 'command_ended', 'constructor']) {
    for (const program of ['sshd', 'sudo', 'su', 'cron', 'whatever', '__proto__']) {
      const [name, activity] = ocsfOfLinuxEvent(program, event);
      expect(Object.values(known[name]?.activities ?? {}), `${program}:${event}`).toContain(activity);
    }
  }
});

describe('what a body is told to be', () => {
  test.each([
    ['linux.auth', 'Jan 10 09:00:00 web1 sshd[1]: hello'],
    ['linux.auth', '2024-01-10T09:00:00+00:00 web1 systemd[1]: Started x.'],
    ['linux.auth', '<30>1 2024-01-10T09:00:00Z web1 cron 1 - - hi'],
    ['linux.auth', '{"__REALTIME_TIMESTAMP":"1704891600123456","MESSAGE":"x"}'],
    ['aws.ssmsession', 'Script started on 2024-01-10 10:00:00+00:00 [TERM="x"]\nsh-4.2$ id\n'],
    ['generic.text', '<134>Jan 10 11:00:00 fw1 %ASA-6-302013: Built outbound TCP connection'],
    ['generic.text', '198.51.100.7 - - [10/Jan/2024:13:55:36 -0700] "GET / HTTP/1.0" 200 1'],
    ['generic.text', '2024-01-10T09:00:00Z INFO app: started'],
    ['generic.text', 'just words'],
    ['generic.text', ''],
    ['generic.text', 'grün'],
    ['generic.json', '{"time":"2024-01-10T09:00:00Z"}\n{"time":"2024-01-10T09:00:01Z"}'],
    ['generic.json', '[]'],
    ['generic.json', '{}'],
    ['generic.json', '{"broken'],
    [undefined, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])],
    [undefined, Buffer.from('PAR1\0\0\0\x15\x04\x15\0\0PAR1')],
    [undefined, Buffer.alloc(1000)],
    [undefined, Buffer.from('U\0T\0F\0-\x001\x006\0')],
  ])('%s: %s', (id, body) => expect(recognisedAs(body)).toBe(id));

  test('text in an older encoding is text', () => {
    const cyrillic = Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0x20, 0x6f, 0x6b, 0x20, 0x31, 0x32]);
    expect(recognisedAs(cyrillic)).toBe('generic.text');
  });

  test('compressed bytes are never text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2000, maxLength: 2000, size: 'max' }), (bytes) => {
        const controls = bytes.filter((byte) => byte < 0x07).length;
        fc.pre(controls > 60);
        expect(recognisedAs(Buffer.from(bytes))).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});

describe('generic.json keeps what it opens', () => {
  test('an event with a list in it is no answer with records in it', async () => {
    const body = '{"time":"2024-01-10T09:00:00Z","user":"alice","items":[{"a":1},{"b":2}]}';
    const events = await eventsOf(genericJson, body);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ actor_name: 'alice', raw: body });
  });

  test('an answer is opened', async () => {
    const events = await eventsOf(genericJson, '{"count":2,"value":[{"user":"alice"},{"user":"bob"}]}');
    expect(events.map(({ actor_name }) => actor_name)).toEqual(['alice', 'bob']);
  });

  test('numbers that are too small to be times are none', () => {
    const facts: BodyFacts = { sha256: '', origin: 'x', modified: null };
    for (const value of [{ t: 7 }, { time: 12.5 }, { ts: 1e21 }, { date: '7' }]) {
      const record = { raw: JSON.stringify(value), bytes: null, value, locator: 'bytes=0-1' };
      expect(genericJson.normalise(record, facts)).toMatchObject({ kind: 'event', event: { time: null } });
    }
  });
});

describe('what a terminal shows', () => {
  test.each([
    ['whoa\b\x1b[Kami', 'whoami'],
    ['abc\rX', 'Xbc'],
    ['ls\x1b[2D\x1b[1@\x1b[1@cd', 'cdls'],
    ['\x1b]0;title\x07$ id', '$ id'],
    ['\x1b[01;31mred\x1b[0m', 'red'],
    ['secret\x1b[2K', ''],
    ['a\x1b[3Cb', 'ab'],
    ['abcdef\x1b[4D\x1b[2P', 'abef'],
    ['tail\x1b', 'tail'],
    ['no escapes', 'no escapes'],
  ])('%j is %j', (written, shown) => expect(shownText(written)).toBe(shown));

  test('never throws, and text without controls stays as it is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('\x1b[', '\b', '\r', 'K', '9', ';', 'P', '@', 'a', '\x1b]'), {
          maxLength: 60,
        }),
        (parts) => {
          expect(shownText(parts.join(''))).not.toMatch(/[\x1b\b\r]/);
        },
      ),
    );
  });
});

describe.skipIf(!existsSync(samples))('public samples', () => {
  const files = existsSync(samples)
    ? readdirSync(samples, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => new URL(`${entry.parentPath}/${entry.name}`, 'file://'))
    : [];

  test('each file is recognised by its content, and every line becomes an event', async () => {
    let events = 0;
    for (const url of files) {
      const body = readFileSync(url);
      expect(recognisedAs(body), url.pathname).toBe('linux.auth');
      const outcomes = await readBody(linuxAuth, body);
      expect(
        outcomes.filter(({ outcome }) => outcome.kind !== 'event'),
        url.pathname,
      ).toEqual([]);
      events += outcomes.length;
    }
    // What the samples' own list counts.
    expect({ files: files.length, events }).toEqual({ files: 26, events: 237 });
  });

  test('each line of sshd that names an address has it', async () => {
    for (const url of files) {
      for (const event of await eventsOf(linuxAuth, readFileSync(url))) {
        const said = / sshd\S*: .*?(?:from|by|with|for|user \S+) (\d+\.\d+\.\d+\.\d+) port (\d+)/.exec(
          event.raw ?? '',
        );
        if (said === null) continue;
        expect(event, event.raw ?? '').toMatchObject({ src_ip: said[1], src_port: Number(said[2]) });
      }
    }
  });

  test('an offset of an hour and a half counts', async () => {
    const events = await eventsOf(linuxAuth, readFileSync(new URL('beats/auth-timestamp.log', samples)));
    expect(events[1]?.time).toBe(Date.parse('2019-06-14T11:31:15.412Z') * 1000);
  });
});
