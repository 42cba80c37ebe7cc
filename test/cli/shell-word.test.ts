import { expect, test } from 'vitest';
import { shellWord } from '../../cli/terminal.ts';

test.each([
  ['./lake', './lake'],
  ['/srv/my lake', "'/srv/my lake'"],
  [
    's3://example-vault/trail?state=example-state&retention=7',
    "'s3://example-vault/trail?state=example-state&retention=7'",
  ],
  ["it's", "'it'\\''s'"],
  ['', "''"],
])('%s is %s to a shell', (text, word) => {
  expect(shellWord(text)).toBe(word);
});
