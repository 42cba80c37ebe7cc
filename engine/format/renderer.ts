/** Answers as text: one renderer per format, fed in the order columns, rows, summary. */

import { AkashiError } from '../../schema/error.ts';
import type { QuerySummary } from '../query.ts';
import type { Batch, ResultColumn } from '../result.ts';
import { csvRenderer } from './csv.ts';
import { jsonRenderer, ndjsonRenderer } from './json.ts';
import { tableRenderer } from './table.ts';

/** Each function returns text to write at once, possibly empty. */
export interface Renderer {
  begin(columns: readonly ResultColumn[]): string;
  rows(batch: Batch): string;
  end(summary: QuerySummary): string;
}

export interface RenderOptions {
  /** Columns of the terminal; what people read is fitted to it. */
  readonly width: number;
  /** Whether the text goes to a terminal: then CSV, too, has its control characters made visible. */
  readonly terminal: boolean;
}

const RENDERERS = {
  table: tableRenderer,
  json: jsonRenderer,
  ndjson: ndjsonRenderer,
  csv: csvRenderer,
} as const satisfies Record<string, (options: RenderOptions) => Renderer>;

/** Every value of `--format`; `parquet` is no text and goes through `queryToParquet`. */
export const FORMATS: readonly string[] = [...Object.keys(RENDERERS), 'parquet'];

/** Throws AkashiError FORMAT_UNKNOWN for a name that is no text format. */
export function renderer(format: string, options: RenderOptions): Renderer {
  if (Object.hasOwn(RENDERERS, format)) return RENDERERS[format as keyof typeof RENDERERS](options);
  throw new AkashiError(
    'FORMAT_UNKNOWN',
    `${JSON.stringify(format)} is no text format; there are ${Object.keys(RENDERERS).join(', ')}`,
  );
}
