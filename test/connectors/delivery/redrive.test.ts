import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { redrive } from '../../../connectors/delivery/redrive.ts';
import { useTestCredentials } from '../../vault/s3/subject.ts';

interface Letter {
  readonly MessageId: string;
  readonly Body: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

const NOW = 1_773_136_800_000;
const letters = (queue: string): Letter[] => {
  const held = queues.get(queue) ?? [];
  queues.set(queue, held);
  return held;
};
const queues = new Map<string, Letter[]>();
const hidden = new Set<string>();
let sources: string[] = [];
let base = '';
/** Refuses to send this many times. */
let refusals = 0;

type Asked = Readonly<Record<string, string>> & { readonly ReceiptHandle?: string };
const OPERATIONS: Readonly<Record<string, (asked: Asked) => unknown>> = {
  GetQueueAttributes: ({ QueueUrl }) => ({
    Attributes: { ApproximateNumberOfMessages: String(letters(QueueUrl!).length) },
  }),
  ListDeadLetterSourceQueues: () => ({ queueUrls: sources }),
  ReceiveMessage: ({ QueueUrl }) => {
    const Messages = letters(QueueUrl!)
      .filter(({ MessageId }) => !hidden.has(MessageId))
      .slice(0, 10);
    for (const { MessageId } of Messages) hidden.add(MessageId);
    return {
      Messages: Messages.map((one) => ({
        ...one,
        ReceiptHandle: one.MessageId,
        MD5OfBody: createHash('md5').update(one.Body).digest('hex'),
      })),
    };
  },
  SendMessage: ({ QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId }) => {
    if (refusals-- > 0) throw new Error('ServiceUnavailable');
    const Attributes = {
      SentTimestamp: String(NOW + 1),
      ...(MessageGroupId && { MessageGroupId, MessageDeduplicationId }),
    };
    letters(QueueUrl!).push({ MessageId: `new-${MessageBody}`, Body: MessageBody!, Attributes } as Letter);
    return { MessageId: '1', MD5OfMessageBody: createHash('md5').update(MessageBody!).digest('hex') };
  },
  DeleteMessage: ({ QueueUrl, ReceiptHandle }) => {
    queues.set(
      QueueUrl!,
      letters(QueueUrl!).filter(({ MessageId }) => MessageId !== ReceiptHandle),
    );
    return {};
  },
};

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const operation = String(request.headers['x-amz-target']).split('.')[1]!;
    try {
      response.end(JSON.stringify(OPERATIONS[operation]!(JSON.parse(Buffer.concat(pieces).toString()))));
    } catch {
      response.statusCode = 503;
      response.end('{"__type":"com.amazonaws.sqs#ServiceUnavailable"}');
    }
  });
});

beforeAll(async () => {
  useTestCredentials();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/123456789012`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  queues.clear();
  hidden.clear();
  sources = [`${base}/trail`];
  refusals = 0;
});

const letter = (Body: string, sent = NOW - 1000, more = {}): Letter => ({
  MessageId: Body,
  Body,
  Attributes: { SentTimestamp: String(sent), ...more },
});
const dead = () => `${base}/trail-dead`;
const moved = (request: object = {}) => redrive({ queue: dead(), now: () => NOW, ...request });
const bodies = (queue: string) => letters(queue).map(({ Body }) => Body);

test('moves everything back to the queue it came from', async () => {
  letters(dead()).push(...Array.from({ length: 23 }, (_, at) => letter(`m${at}`)));
  expect(await moved()).toEqual({ from: dead(), to: `${base}/trail`, found: 23, moved: 23, left: 0 });
  expect(bodies(`${base}/trail`)).toHaveLength(23);
  expect(letters(dead())).toEqual([]);
});

test('a dry run counts and moves nothing', async () => {
  letters(dead()).push(letter('a'));
  expect(await moved({ dryRun: true })).toMatchObject({ to: `${base}/trail`, found: 1, moved: 0 });
  expect(bodies(dead())).toEqual(['a']);
});

test('what dies again meanwhile is left, so that it comes to an end', async () => {
  letters(dead()).push(letter('old'), letter('new', NOW + 5));
  expect(await moved()).toMatchObject({ moved: 1, left: 1 });
  expect(bodies(dead())).toEqual(['new']);
});

test('a message that could not be sent stays where it is, and sending is tried again', async () => {
  letters(dead()).push(letter('a'));
  refusals = 2;
  expect(await moved()).toMatchObject({ moved: 1 });
  expect(bodies(`${base}/trail`)).toEqual(['a']);
});

test('a message of a group stays in it', async () => {
  letters(dead()).push(letter('a', NOW - 1, { MessageGroupId: 'seal' }));
  await moved({ to: `${base}/wake.fifo` });
  expect(letters(`${base}/wake.fifo`)[0]!.Attributes).toMatchObject({
    MessageGroupId: 'seal',
    MessageDeduplicationId: 'redriven-a',
  });
});

test('where to must be plain', async () => {
  sources = [];
  await expect(moved()).rejects.toMatchObject({ code: 'REDRIVE_TARGET' });
  sources = [`${base}/a`, `${base}/b`];
  await expect(moved()).rejects.toThrow(/several: .*--to/);
  await expect(moved({ to: dead() })).rejects.toMatchObject({ code: 'REDRIVE_TARGET' });
});
