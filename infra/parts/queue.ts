/** A queue whose messages that nobody could take end in a second one, both encrypted and by TLS alone. */

import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface QueueProps {
  readonly name: string;
  /** How long a message is hidden while it is worked on, seconds. */
  readonly hiddenSeconds: number;
  /** Receipts after which a message goes to the dead-letter queue. */
  readonly maxReceives: number;
  /** How long each message is held back, seconds; 0 by default. */
  readonly delaySeconds?: number;
}

const FIFO = '.fifo';
const DAYS_KEPT = 14;

export class QueueWithDeadLetters extends Construct {
  readonly queue: Queue;
  readonly dead: Queue;

  constructor(
    scope: Construct,
    id: string,
    { name, hiddenSeconds, maxReceives, delaySeconds = 0 }: QueueProps,
  ) {
    super(scope, id);
    const fifo = name.endsWith(FIFO);
    const common = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(DAYS_KEPT),
      ...(fifo ? { fifo: true } : {}),
    };
    const stem = fifo ? name.slice(0, -FIFO.length) : name;
    this.dead = new Queue(this, 'Dead', { ...common, queueName: `${stem}-dead${fifo ? FIFO : ''}` });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      queueName: name,
      visibilityTimeout: Duration.seconds(hiddenSeconds),
      deliveryDelay: Duration.seconds(delaySeconds),
      deadLetterQueue: { queue: this.dead, maxReceiveCount: maxReceives },
    });
  }
}
