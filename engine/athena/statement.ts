/** A question as Athena is asked it: the views it names, and then its own words. */

import { AkashiError } from '../../schema/error.ts';
import type { Job, WireParameter } from '../sandbox/protocol.ts';
import { quoteText } from '../sql-text.ts';
import { type AthenaTables, athenaKnows, athenaViews } from './views.ts';

/** Longest statement that Athena takes, bytes. https://docs.aws.amazon.com/athena/latest/ug/service-limits.html */
const MAX_BYTES = 262_144;

/** Texts, quoted names, parameters: what both engines take apart alike. */
const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w+)|\?/g;
/** What they take apart differently, so that Athena might run another statement than the gate has admitted. */
const AMBIGUOUS = /\/\*|--|\$\w*\$|[a-z]&?''|`|\\/i;

export interface AthenaQuestion {
  /** Admitted by the gate. */
  readonly sql: string;
  readonly parameters: Job['parameters'];
  /** Published views it names. */
  readonly views: readonly string[];
  readonly sourceRank?: readonly string[];
}

/**
 * The statement is passed on as it was written, parameters in their places, so it has to be SQL that both engines know.
 * Throws ATHENA_SQL for what they might read differently and for views that Athena does not have, ATHENA_TOO_LONG.
 */
export function athenaStatement(
  { sql, parameters, views, sourceRank = [] }: AthenaQuestion,
  tables: AthenaTables,
): string {
  if (!athenaKnows(views))
    throw refused(
      `there are no views of the vendor's own fields or of OCSF there, and it names ${views.join(', ')}: ask over events, flows or timeline`,
    );
  const text = withValues(sql.trim().replace(/;$/, ''), parameters);
  const own = /^with\s/i.exec(text);
  const named = athenaViews(views, tables, sourceRank);
  const rest = own === null ? `\n${text}` : `,\n${text.slice(own[0].length)}`;
  const statement = named.length === 0 ? text : `WITH ${named.join(',\n')}${rest}`;
  const bytes = Buffer.byteLength(statement);
  if (bytes <= MAX_BYTES) return statement;
  throw new AkashiError(
    'ATHENA_TOO_LONG',
    `The statement has ${bytes} bytes with its views; Athena takes ${MAX_BYTES}. Ask about fewer values.`,
  );
}

function withValues(sql: string, parameters: Job['parameters']): string {
  const skeleton = sql.replace(TOKENS, (token) => (/^['"]/.test(token) ? token[0]! + token[0]! : '1'));
  if (AMBIGUOUS.test(skeleton) || /'/.test(skeleton.replaceAll("''", '')))
    throw refused('comments, escapes and dollar quotes are read differently there: write it without them');
  if (/^with\s+recursive\s/i.test(sql)) throw refused('it is recursive');
  let position = 0;
  return sql.replace(TOKENS, (token, name: string | undefined) => {
    if (/^['"]/.test(token)) return token;
    const value = Array.isArray(parameters)
      ? (parameters as readonly WireParameter[])[name === undefined ? position++ : Number(name) - 1]
      : (parameters as Readonly<Record<string, WireParameter>>)[name ?? ''];
    return literalOf(value);
  });
}

/** Trino's literals. */
function literalOf(value: WireParameter | undefined): string {
  if (value === null) return 'NULL';
  switch (typeof value) {
    case 'string':
      return `CAST(${quoteText(value)} AS varchar)`;
    case 'boolean':
      return String(value);
    case 'number':
      if (Number.isFinite(value))
        return Number.isSafeInteger(value) ? `BIGINT '${value}'` : `DOUBLE '${value}'`;
      break;
    case 'object':
      if ('integer' in value) return `DECIMAL '${value.integer}'`;
      if ('time' in value) return `from_unixtime_nanos(${BigInt(value.time) * 1000n})`;
      return `ARRAY[${(value as readonly WireParameter[]).map(literalOf).join(', ')}]`;
    default:
  }
  throw refused('a parameter has a value that cannot be written there');
}

const refused = (why: string): AkashiError =>
  new AkashiError(
    'ATHENA_SQL',
    `The statement reads more than one function can do, and it cannot be asked of Athena: ${why}. Or ask about less time.`,
  );
