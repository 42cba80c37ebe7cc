import { expect, test } from 'vitest';
import { withFastLists } from '../../../exports/report/lists.ts';
import { questions } from '../../../queries/question.ts';

test('lists of words become what is tested while a file is read; the rest stays', () => {
  expect(withFastLists("where action in ('a.b', 'it''s',\n 'c') and x in ('a', 'b')")).toBe(
    "where list_contains(['a.b', 'it''s',\n 'c'], action) and x in ('a', 'b')",
  );
  expect(withFastLists("e.action not in ('a', 'b', 'c')")).toBe(
    "not list_contains(['a', 'b', 'c'], e.action)",
  );
  expect(withFastLists('x in (select y from z) and n in (1, 2, 3)')).toBe(
    'x in (select y from z) and n in (1, 2, 3)',
  );
});

test('in saved questions no such list stands within a string or a comment', () => {
  for (const { name, sql } of questions()) {
    const bare = sql.replace(/--.*$/gm, '').replace(/'(?:[^']|'')*'/g, "'x'");
    const lists = (text: string) => text.match(/list_contains/g)?.length ?? 0;
    expect(lists(withFastLists(sql)), name).toBe(lists(withFastLists(bare)));
  }
});
