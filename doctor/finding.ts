/** What an examination finds, one fact a line. */

/** `missing`: it is known to be absent or ill; `unknown`: it could not be looked at. */
export type FindingState = 'ok' | 'missing' | 'unknown';

export interface Finding {
  /** What was examined, as a heading: `lake`, `aws`, a connector's name. */
  readonly area: string;
  readonly state: FindingState;
  /** What is so, in a sentence. */
  readonly what: string;
  /** What to do about it: the command, permission, role or line of a template. Null when all is well. */
  readonly fix: string | null;
}

export const ok = (area: string, what: string): Finding => ({ area, state: 'ok', what, fix: null });
export const missing = (area: string, what: string, fix: string): Finding => ({
  area,
  state: 'missing',
  what,
  fix,
});
export const unknown = (area: string, what: string, fix: string): Finding => ({
  area,
  state: 'unknown',
  what,
  fix,
});

/** How many of things that were judged one by one are covered, before the judgements themselves. */
export function atAGlance(area: string, nouns: string, judged: readonly Finding[]): Finding[] {
  if (judged.length === 0) return [];
  const covered = judged.filter(({ state }) => state === 'ok').length;
  const what = `covered: ${covered} of ${judged.length} ${nouns}`;
  return [
    covered === judged.length
      ? ok(area, what)
      : missing(area, what, 'What follows says which are not, and what covers them.'),
    ...judged,
  ];
}

/** A part of the examination. What it throws becomes a finding. */
export interface Examination {
  readonly area: string;
  look(): Promise<readonly Finding[]>;
}

/** All of them at once, their findings in the given order. Never throws. */
export async function examined(all: readonly Examination[]): Promise<readonly Finding[]> {
  const each = await Promise.all(
    all.map(async ({ area, look }) => {
      try {
        return await look();
      } catch (error) {
        return [unknown(area, `it could not be examined: ${reasonOf(error)}`, 'Mend that, then look again.')];
      }
    }),
  );
  return each.flat();
}

/** What an error says, on one line of readable length. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s+/g, ' ').trim().slice(0, 500);
}
