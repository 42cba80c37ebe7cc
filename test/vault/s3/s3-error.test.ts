import { expect, test } from 'vitest';
import { awsError, judgeAws } from '../../../connectors/delivery/aws.ts';
import { answerOf, isPassing, s3Error } from '../../../vault/s3/s3-error.ts';

const refused = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

test('a clock that is wrong is no refusal for good: the SDK has set it by then', () => {
  const skewed = refused('RequestTimeTooSkewed', 403);
  expect(isPassing(answerOf(skewed))).toBe(true);
  expect(judgeAws(skewed).again).toBe(true);
  const denied = refused('AccessDenied', 403);
  expect(isPassing(answerOf(denied))).toBe(false);
  expect(judgeAws(denied).again).toBe(false);
});

test('no region: told with what names one', () => {
  const error = new Error('Region is missing');
  expect(s3Error(error, 'reading "lake.json"')).toMatchObject({
    code: 'STORE_REGION',
    message: expect.stringMatching(/reading "lake\.json".*AWS_REGION.*region=/),
  });
  expect(awsError(error, 'asking who this is', 'none')).toMatchObject({
    code: 'PULL_REGION',
    message: expect.stringContaining('AWS_REGION'),
  });
});
