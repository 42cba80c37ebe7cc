import { describe, expect, test } from 'vitest';
import { commands } from '../../cli/commands.ts';
import { describeQuestion, listQuestions } from '../../cli/question-text.ts';
import { parseQuestion, questionByName, questions } from '../../queries/question.ts';

describe('the list of questions', () => {
  test('shows each once, under its group, on a line that fits a terminal', () => {
    const lines = listQuestions('', false).split('\n');
    for (const { name } of questions())
      expect(lines.filter((line) => line.trimStart().startsWith(`${name} `))).toHaveLength(1);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(120);
    expect(lines[0]).toContain('who: Who did what');
  });

  test.each([
    ['sign-in', 'brute-force', 'bulk-transfers'],
    ['T1486', 'key-deletion', 'brute-force'],
    ['pci:10.2.2', 'field-completeness', 'key-deletion'],
    ['SNAPSHOT', 'shared-images-and-snapshots', 'ssh-logins'],
  ])('%s brings those of a group, technique, control or word alone', (filter, found, other) => {
    const text = listQuestions(filter, false);
    expect(text).toContain(found);
    expect(text).not.toContain(other);
    const names = (JSON.parse(listQuestions(filter, true)) as { name: string }[]).map(({ name }) => name);
    expect(names).toContain(found);
    expect(names).not.toContain(other);
  });

  test('a word that no question says, and a name that is none, are told with a way out', () => {
    expect(() => listQuestions('zzz', false)).toThrow(expect.objectContaining({ code: 'QUESTION_UNKNOWN' }));
    expect(() => questionByName('sign-in-failures')).toThrow(/Did you mean .*failed-sign-ins/);
  });
});

test('help on a question says what it asks, takes and mistakes, and its SQL', () => {
  const query = commands.find(({ name }) => name === 'query')!;
  const text = query.helpOn!({ name: 'new-address' }, false)!;
  for (const part of [
    'not used in the weeks before',
    'must be given',
    'Travel',
    'T1078.004',
    'actor_first_seen',
  ])
    expect(text).toContain(part);
  expect(query.helpOn!({}, false)).toBeNull();
  expect(JSON.parse(describeQuestion(questionByName('new-address'), true))).toMatchObject({ portable: true });
});

describe('a header', () => {
  const header = {
    title: 'T',
    question: 'Q?',
    group: 'who',
    param: "who text 'it''s' | Who",
    tables: 'events',
    'false-positives': 'None.',
    portable: 'yes',
  };
  const parse = (change: Readonly<Record<string, string>>) =>
    parseQuestion(
      'x',
      `${Object.entries({ ...header, ...change })
        .filter(([, value]) => value !== '')
        .map(([key, value]) => `-- ${key}: ${value}`)
        .join('\n')}\nselect 1`,
    );

  test('is read whole', () => {
    expect(parse({})).toMatchObject({
      group: 'who',
      portable: true,
      sql: 'select 1',
      parameters: [{ default: "it's" }],
    });
  });

  test.each([
    [{ title: '' }],
    [{ group: 'nobody' }],
    [{ group: 'constructor' }],
    [{ portable: 'perhaps' }],
    [{ 'false-positives': '' }],
    [{ param: 'who text' }],
  ])('%j leaves something out or says what is not known', (change) => {
    expect(() => parse(change as Record<string, string>)).toThrow(
      expect.objectContaining({ code: 'QUESTION_INVALID' }),
    );
  });
});
