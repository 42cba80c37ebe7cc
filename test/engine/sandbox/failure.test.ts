import { expect, test } from 'vitest';
import { failureOf } from '../../../engine/sandbox/failure.ts';

test.each([
  ['Binder Error: Referenced column "x" not found', 'SQL_INVALID'],
  ['Permission Error: File system operations are disabled', 'SQL_NOT_ALLOWED'],
  ['Out of Memory Error: out of memory', 'SQL_MEMORY'],
  ['Conversion Error: could not convert string', 'SQL_FAILED'],
  ['IO Error: No files found that match the pattern "a.parquet"', 'SQL_LAKE_UNREADABLE'],
  ['Invalid Input Error: No magic bytes found at end of file "a.parquet"', 'SQL_LAKE_UNREADABLE'],
])('%s is %s', (message, code) => {
  expect(failureOf(new Error(message))).toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

test('a broken lake is said to be one, with the way to find out', () => {
  expect(failureOf(new Error('IO Error: No files found')).message).toMatch(
    /`akashi verify --deep` names what/,
  );
});
