/** Events as services send them. */

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export const questionEvent = (sql: string) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: '/query',
  rawQueryString: '',
  headers: { 'content-type': 'application/json' },
  requestContext: {
    accountId: '123456789012',
    authorizer: { iam: { userArn: 'arn:aws:sts::123456789012:assumed-role/responder/ana' } },
    http: {
      method: 'POST',
      path: '/query',
      protocol: 'HTTP/1.1',
      sourceIp: '192.0.2.1',
      userAgent: 'rehearsal',
    },
  },
  body: JSON.stringify({ sql }),
  isBase64Encoded: false,
});

/** What EventBridge sends. */
export const SCHEDULED = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '123456789012',
  time: '2026-01-01T00:00:00Z',
  region: 'us-east-1',
  resources: [],
  detail: {},
} as const;
