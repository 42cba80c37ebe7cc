/** The cover page of a package: what was asked, what is in it, what was missing and what it proves, for people. */

import { UNIT_VERDICTS } from '../../ledger/coverage/states.ts';
import { renderHtml } from '../page/html.ts';
import type { Block, Page, Section, TableRow } from '../page/page.ts';
import type { About, Asked } from './about.ts';
import { type BagFile, textFile } from './bag.ts';
import type { PackageCoverage } from './coverage.ts';
import type { LedgerProofs } from './proofs.ts';

export interface CoverParts {
  readonly about: About;
  readonly coverage: PackageCoverage;
  readonly proofs: LedgerProofs;
  readonly asked: Asked;
}

export async function coverFiles(parts: CoverParts): Promise<BagFile[]> {
  const page = coverPage(parts);
  // Fonts and the library are loaded when there is something to draw.
  const { renderPdf } = await import('../page/pdf.ts');
  return [textFile('data/cover.html', renderHtml(page)), textFile('data/cover.pdf', await renderPdf(page))];
}

export function coverPage(parts: CoverParts): Page {
  const { about, proofs } = parts;
  const { madeFor } = about;
  return {
    lang: 'en',
    eyebrow: 'Evidence package',
    title: about.question.title ?? about.question.name ?? 'Answer to an SQL question',
    subtitle: `Snapshot ${about.snapshot.id} of ${proofs.origin}`,
    at: about.snapshot.asOf,
    facts: [
      ...(madeFor === null
        ? []
        : [
            { name: 'Case', value: madeFor.case },
            {
              name: 'Made by',
              value:
                madeFor.actor === madeFor.account ? madeFor.actor : `${madeFor.actor} as ${madeFor.account}`,
            },
            ...(madeFor.purpose === null ? [] : [{ name: 'Reason', value: madeFor.purpose }]),
          ]),
      { name: 'Newest thing the snapshot knows', value: about.snapshot.asOf },
      { name: 'Made with', value: `${about.versions.akashi}, DuckDB ${about.versions.duckdb}` },
    ],
    sections: [
      contents(parts),
      asked(parts),
      coverageSection(parts),
      counts(parts),
      proof(parts),
      ...notes(about),
    ],
    foot: `Ledger ${proofs.origin}, ${grouped(proofs.size)} entries, root ${proofs.root}`,
  };
}

const contents = ({ about }: CoverParts): Section => ({
  id: 'contents',
  title: 'What it holds',
  blocks: [
    {
      kind: 'figures',
      figures: [
        { name: 'rows answered', value: grouped(about.rows[0]?.rows ?? 0) },
        { name: 'records of evidence', value: grouped(about.records.count) },
        { name: 'evidence objects they are from', value: grouped(about.records.bodies) },
      ],
    },
    {
      kind: 'text',
      text: RECORDS[about.records.mode],
    },
  ],
});

const RECORDS: Readonly<Record<About['records']['mode'], string>> = {
  originals: 'The evidence objects are here as they were received, byte for byte.',
  slices: 'Of the evidence objects, only the bytes that hold the records are here.',
  texts: "Of the evidence objects, only the records' own text is here.",
  none: 'No evidence is here: the answer stands on the word of whoever made the package.',
};

function asked({ about, asked: { sql } }: CoverParts): Section {
  const parameters = Object.entries(about.question.parameters as Record<string, unknown>);
  return {
    id: 'question',
    title: 'What was asked',
    blocks: [
      { kind: 'code', text: sql.trim(), caption: `SHA-256 ${about.question.sqlSha256}` },
      ...(parameters.length === 0
        ? []
        : [
            {
              kind: 'facts',
              facts: parameters.map(([name, value]) => ({
                name: `$${name}`,
                value: typeof value === 'string' ? value : JSON.stringify(value),
              })),
            } as const,
          ]),
    ],
  };
}

function coverageSection({ coverage }: CoverParts): Section {
  const { verdict, hours, from, to, problems, problemsLeftOut, asOf, range } = coverage;
  const place = [from === null ? 'the beginning' : from, to === null ? 'the end' : to].join(' to ');
  const rows: TableRow[] = problems.map((one) => ({
    tone: 'warn',
    cells: [
      one.from,
      one.to,
      one.source,
      [one.account, one.region].filter(Boolean).join(' '),
      one.problem ?? one.verdict,
    ],
  }));
  return {
    id: 'coverage',
    title: 'What was held of the time asked about',
    blocks: [
      {
        kind: 'note',
        tone: verdict === 'gap' || verdict === 'silent' ? 'warn' : 'plain',
        title: verdict === null ? 'Nothing is held of it' : `Gravest verdict: ${verdict}`,
        text: `${verdict === null ? '' : `${sentence(UNIT_VERDICTS[verdict].meaning)} `}${range !== 'lake' ? `The question asks about ${place}.` : 'The question names no time plainly, so this is about the whole lake.'} As of ${asOf}.`,
      },
      {
        kind: 'facts',
        facts: Object.entries(hours)
          .filter(([, count]) => count > 0)
          .map(([name, count]) => ({ name: `Hours ${name}`, value: grouped(count) })),
      },
      ...(rows.length === 0
        ? []
        : [
            {
              kind: 'table',
              caption:
                problemsLeftOut > 0
                  ? `The first of ${grouped(rows.length + problemsLeftOut)} problems`
                  : 'Problems',
              columns: ['from', 'to', 'source', 'account, region', 'what'].map((title) => ({ title })),
              rows,
            } as const,
          ]),
    ],
  };
}

function counts({ about }: CoverParts): Section {
  const { source, records, rows, ocsf, snapshot } = about;
  const row = (what: string, inSource: string, inPackage: string): TableRow => ({
    cells: [what, inSource, inPackage],
  });
  return {
    id: 'counts',
    title: 'Complete and accurate: counts in the source and here',
    blocks: [
      {
        kind: 'table',
        columns: [
          { title: 'what' },
          { title: 'in the source', align: 'right' },
          { title: 'in this package', align: 'right' },
        ],
        rows: [
          ...rows.map(({ name, rows: written, counted }) =>
            row(
              `rows of ${name}: counted by a query of its own; written`,
              grouped(counted),
              grouped(written),
            ),
          ),
          ...(ocsf === null
            ? []
            : [
                row(
                  'OCSF records; the rest has no time',
                  grouped(ocsf.records + ocsf.withoutTime + ocsf.invalid),
                  grouped(ocsf.records),
                ),
              ]),
          row(
            'records in the evidence objects, as the ledger counted them at receipt; taken',
            grouped(source.records),
            grouped(source.taken),
          ),
          row('of them events and flows', grouped(source.events + source.flows), grouped(source.taken)),
          row(
            'of them skipped, or unreadable',
            `${grouped(source.skipped)}, ${grouped(source.unreadable)}`,
            '',
          ),
          row(
            'records led back to their bytes, decoded from them, or written anew',
            '',
            `${grouped(records.byForm.bytes)}, ${grouped(records.byForm.decoded)}, ${grouped(records.byForm.rebuilt)}`,
          ),
          ...Object.entries(snapshot.tables).map(([table, count]) =>
            row(`rows of ${table} in the whole snapshot`, grouped(count), ''),
          ),
        ],
      },
    ],
  };
}

function proof({ proofs, about }: CoverParts): Section {
  const blocks: Block[] = [
    {
      kind: 'facts',
      facts: [
        { name: 'Log', value: proofs.origin },
        { name: 'Entries', value: grouped(proofs.size) },
        { name: 'Root', value: [{ text: proofs.root, mono: true }] },
        { name: 'Verifier key', value: [{ text: proofs.vkey, mono: true }] },
      ],
    },
    {
      kind: 'text',
      // A time-stamp may come later, to the same snapshot: what changes with it is not on this page.
      text: 'README.txt says how to check all of it with python3 and openssl alone, what that proves, and what it does not; and when it existed, where a time-stamping authority has said so.',
    },
  ];
  const mappings = Object.entries(about.versions.mappings);
  if (mappings.length > 0)
    blocks.push({
      kind: 'table',
      caption: 'Mappings that read the records',
      columns: [{ title: 'version' }, { title: 'records', align: 'right' }],
      rows: mappings.map(([version, count]) => ({ cells: [version, grouped(count)] })),
    });
  return { id: 'proof', title: 'What proves it', blocks };
}

/** What whoever made the package adds, such as the order that a disclosure follows. */
function notes({ notes: said }: About): Section[] {
  const facts = Object.entries(said).map(([name, value]) => ({
    name,
    value: typeof value === 'string' ? value : JSON.stringify(value),
  }));
  return facts.length === 0 ? [] : [{ id: 'notes', title: 'Said of it', blocks: [{ kind: 'facts', facts }] }];
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.?$/, '.')}`;
const grouped = (value: number): string => value.toLocaleString('en-US');
