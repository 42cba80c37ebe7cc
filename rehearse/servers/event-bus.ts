/**
 * EventBridge as moto has it: a rule that sends a queue what a bucket tells of its objects. There is no client of it among
 * the dependencies, and two requests of its JSON protocol need none.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
 */

/** moto looks at the scope alone, and checks no signature. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/events/aws4_request, SignedHeaders=host, Signature=none';

async function ask(endpoint: string, operation: string, fields: object): Promise<void> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSEvents.${operation}`,
      authorization: AUTHORIZATION,
    },
    body: JSON.stringify(fields),
  });
  const text = await answer.text();
  if (!answer.ok || /"FailedEntryCount":\s*[1-9]/.test(text)) throw new Error(`${operation}: ${text}`);
}

export async function sendCreations(endpoint: string, bucket: string, queueArn: string): Promise<void> {
  const Rule = `objects-of-${bucket}`;
  const pattern = {
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: { bucket: { name: [bucket] } },
  };
  await ask(endpoint, 'PutRule', { Name: Rule, EventPattern: JSON.stringify(pattern) });
  await ask(endpoint, 'PutTargets', { Rule, Targets: [{ Id: 'queue', Arn: queueArn }] });
}
