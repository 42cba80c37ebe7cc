/** One report of a lake: built at one head, drawn as HTML and PDF, written as a folder whose bytes are the same at the same head. */

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { visibleJson } from '../../engine/format/visible.ts';
import { AkashiError } from '../../schema/error.ts';
import type { Json } from '../../vault/canonical-json.ts';
import type { Lake } from '../../vault/lake.ts';
import { renderHtml } from '../page/html.ts';
import type { Page } from '../page/page.ts';
import { renderPdf } from '../page/pdf.ts';
import { assessmentResults } from './assessment-results.ts';
import { type ContextOptions, type ReportContext, withReportContext } from './context.ts';
import type { ReportContent, ReportKind } from './kind.ts';
import { originSections, snapshotFacts } from './origin-sections.ts';
import { type Period, periodText } from './period.ts';
import { sampleCsv, sampleLines } from './sample-files.ts';
import type { Statements } from './statements.ts';

/** A file of the report, by its path in the folder. */
export interface ReportFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface Report {
  readonly kind: string;
  readonly title: string;
  readonly head: string;
  readonly ledger: { readonly size: number; readonly root: string | null };
  /** RFC 3339: the snapshot's own instant. */
  readonly instant: string;
  readonly figures: number;
  /** Rows of events that leave the lake with it. */
  readonly sampleRows: number;
  readonly files: readonly ReportFile[];
}

/** The same head, period and statements give the same bytes. Throws as asking and reading the ledger do. */
export async function makeReport(
  kind: ReportKind,
  lake: Lake,
  period: Period,
  statements: Statements,
  options: ContextOptions = {},
): Promise<Report> {
  const { coverageTable = true } = kind;
  return withReportContext(lake, period, { ...options, coverageTable }, async (context) => {
    const content = await kind.build(context, statements);
    const files = await filesOf(kind.name, context, content, statements);
    const { state } = context;
    return {
      kind: kind.name,
      title: content.title,
      head: state.head,
      ledger: { size: state.ledger.size, root: state.ledger.root },
      instant: state.instant,
      figures: content.figures.length,
      sampleRows: content.samples.reduce((sum, { rows }) => sum + rows.length, 0),
      files,
    };
  });
}

/** Writes the files under `folder`, which must be new or empty, and beside them `SHA256SUMS`, which `sha256sum -c` reads. */
export async function writeReport({ files }: Report, folder: string): Promise<void> {
  for (const { path, bytes } of [...files, sums(files)]) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes, { flag: 'wx' });
  }
}

async function filesOf(
  name: string,
  context: ReportContext,
  content: ReportContent,
  statements: Statements,
): Promise<ReportFile[]> {
  const samples = content.samples.flatMap((sample): ReportFile[] => [
    { path: `samples/${sample.name}.csv`, bytes: Buffer.from(sampleCsv(sample)) },
    { path: `samples/${sample.name}.jsonl`, bytes: Buffer.from(sampleLines(sample)) },
  ]);
  refuseUncited(context, content);
  const page = pageOf(context, content);
  const files: ReportFile[] = [
    { path: 'report.html', bytes: Buffer.from(renderHtml(page)) },
    { path: 'report.pdf', bytes: await renderPdf(page) },
    ...samples,
    { path: 'report.json', bytes: jsonBytes(reportJson(name, context, content, statements, samples)) },
  ];
  if (content.assessment !== undefined)
    files.push({
      path: 'assessment-results.json',
      bytes: jsonBytes(assessmentResults(context, content.assessment, files)),
    });
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A number that leads nowhere is a mistake of ours, and is not printed. */
function refuseUncited({ origins }: ReportContext, { figures }: ReportContent): void {
  const cited = new Set(origins.map(({ id }) => id));
  const lost = figures.find(({ origin }) => !cited.has(origin));
  if (lost !== undefined)
    throw new AkashiError('REPORT_INVALID', `The number "${lost.id}" comes from nowhere: ${lost.origin}.`);
}

const pageOf = (context: ReportContext, content: ReportContent): Page => ({
  lang: 'en',
  eyebrow: content.eyebrow,
  title: content.title,
  subtitle: content.subtitle,
  at: context.state.instant,
  facts: [
    { name: 'Period', value: `${periodText(context.period)}, UTC` },
    ...content.facts,
    ...snapshotFacts(context.state),
  ],
  sections: [...content.sections, ...originSections(context)],
  foot: `${periodText(context.period)} · snapshot ${context.state.head} · ledger root ${context.state.ledger.root?.slice(0, 16) ?? 'none'}`,
});

function reportJson(
  name: string,
  { state, period, origins }: ReportContext,
  { title, figures, data, samples }: ReportContent,
  statements: Statements,
  sampleFiles: readonly ReportFile[],
): Json {
  const { ledger } = state;
  return {
    format: 'akashi-report/1',
    report: name,
    title,
    period: { from: period.from.toISOString(), to: period.to.toISOString() },
    snapshot: {
      head: state.head,
      instant: state.instant,
      ledger: { origin: ledger.origin, size: ledger.size, root: ledger.root },
    },
    ...data,
    figures: figures.map(({ id, name: figure, value, origin }) => ({ id, name: figure, value, origin })),
    origins: origins.map((origin) => ({ ...origin, parameters: { ...origin.parameters } })),
    samples: samples.map(({ name: sample, population, rows }) => ({
      question: sample,
      population,
      drawn: rows.length,
      files: sampleFiles
        .filter(({ path }) => path.startsWith(`samples/${sample}.`))
        .map(({ path, bytes }) => ({ path, sha256: hashOf(bytes) })),
    })),
    statements: [...statements.values()].map((statement) => ({ ...statement })),
  };
}

/** In lines for whoever reads it; what would act on a terminal or hide is escaped. */
const jsonBytes = (value: Json): Uint8Array =>
  Buffer.from(`${JSON.stringify(value, null, 2).split('\n').map(visibleJson).join('\n')}\n`);

const sums = (files: readonly ReportFile[]): ReportFile => ({
  path: 'SHA256SUMS',
  bytes: Buffer.from(files.map(({ path, bytes }) => `${hashOf(bytes)}  ${path}\n`).join('')),
});

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
