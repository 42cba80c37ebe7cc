import { expect, test } from 'vitest';
import { judgeAws } from '../../../connectors/delivery/aws.ts';
import { answerOf, isPassing } from '../../../vault/s3/s3-error.ts';

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
