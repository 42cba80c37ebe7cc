/**
 * A report as OSCAL assessment results (https://pages.nist.gov/OSCAL-Reference/models/v1.2.2/assessment-results/json-reference/).
 * Observations alone: there are no findings, since whether an objective is satisfied is the assessor's word and not a tool's.
 */

import { createHash } from 'node:crypto';
import type { Json } from '../../vault/canonical-json.ts';
import type { ReportContext } from './context.ts';
import type { Assessment, Observation } from './kind.ts';
import { periodText } from './period.ts';
import { uuidOf } from './uuid.ts';

export const OSCAL_VERSION = '1.2.2';

interface HashedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const MEDIA: Readonly<Record<string, string>> = {
  html: 'text/html',
  pdf: 'application/pdf',
  json: 'application/json',
  jsonl: 'application/jsonl',
  csv: 'text/csv',
};

/**
 * The document; `files` are those of the same folder, which it names with their hashes. Its UUIDs are made from their content and
 * from the snapshot, so the same report has the same ones.
 */
export function assessmentResults(
  { state, period }: ReportContext,
  assessment: Assessment,
  files: readonly HashedFile[],
): Json {
  const hashes = new Map(files.map(({ path, bytes }) => [path, sha256(bytes)]));
  const seed = sha256(Buffer.from([...hashes].map(([path, hash]) => `${hash} ${path}\n`).join('')));
  const uuid = (name: string): string => uuidOf(`${seed}/${name}`);
  const [tool, lake, plan] = [uuid('tool'), uuid('lake'), uuid('plan')];
  const { instant, head, ledger } = state;
  const prop = (name: string, value: string): Json => ({ name, ns: NAMESPACE, value });
  const observation = (one: Observation, at: number): Json => ({
    uuid: uuid(`observation/${at}/${one.control}`),
    title: one.title,
    description: one.description,
    props: [
      prop('requirement', one.control),
      ...one.figures.map(({ id, value }) => ({
        ...(prop('figure', String(value ?? 'none')) as Record<string, Json>),
        class: tokenOf(id),
      })),
    ],
    methods: [...one.methods],
    types: ['control-objective'],
    origins: [{ actors: [{ type: 'tool', 'actor-uuid': tool }] }],
    subjects: [{ 'subject-uuid': lake, type: 'component' }],
    'relevant-evidence': one.evidence.map((path) => ({
      href: `#${uuid(`file/${path}`)}`,
      description: `${path}, SHA-256 ${hashes.get(path)}`,
    })),
    collected: instant,
    remarks: one.remarks,
  });
  const controls = [...new Set(assessment.observations.map(({ control }) => control))];
  return {
    'assessment-results': {
      uuid: uuid('assessment-results'),
      metadata: {
        title: assessment.title,
        'last-modified': instant,
        version: head,
        'oscal-version': OSCAL_VERSION,
        links: [{ href: assessment.standard, rel: 'reference' }],
        remarks:
          'Made by a tool from one snapshot of a lake of audit logs. It observes; it finds nothing satisfied or not satisfied.',
      },
      'import-ap': {
        href: `#${plan}`,
        remarks: 'No assessment plan was given to the tool; the assessor names one.',
      },
      results: [
        {
          uuid: uuid('result'),
          title: `${assessment.title}, ${periodText(period)}`,
          description: `What the logs of the lake show of the period ${periodText(period)} (UTC), at snapshot ${head}.`,
          start: period.from.toISOString(),
          end: period.to.toISOString(),
          props: [
            prop('snapshot', head),
            prop('ledger-size', String(ledger.size)),
            ...(ledger.root === null ? [] : [prop('ledger-root', ledger.root)]),
            ...(ledger.origin === null ? [] : [prop('ledger-origin', ledger.origin)]),
          ],
          'local-definitions': {
            components: [
              {
                uuid: lake,
                type: 'service',
                title: 'Lake of audit logs',
                description: `The lake whose ledger is ${ledger.origin ?? 'not begun'}.`,
                status: { state: 'operational' },
              },
            ],
            'assessment-assets': {
              components: [
                {
                  uuid: tool,
                  type: 'software',
                  title: 'Akashi',
                  description: 'Asked the saved questions and read the ledger.',
                  status: { state: 'operational' },
                },
              ],
              'assessment-platforms': [{ uuid: uuid('platform'), title: 'akashi report' }],
            },
          },
          'reviewed-controls': {
            'control-selections': [
              {
                description: `Requirements of ${assessment.title} that were looked at.`,
                'include-controls': controls.map((control) => ({ 'control-id': control })),
              },
            ],
          },
          ...(assessment.log.length === 0
            ? {}
            : {
                'assessment-log': {
                  entries: assessment.log.map(({ title, description, at }, index) => ({
                    uuid: uuid(`log/${index}`),
                    title,
                    description,
                    start: at,
                  })),
                },
              }),
          observations: assessment.observations.map(observation),
        },
      ],
      'back-matter': {
        resources: [
          {
            uuid: plan,
            title: 'Assessment plan',
            description: `None was given. Put the reference to the plan of the assessment of ${assessment.title} here.`,
          },
          ...[...hashes].map(([path, value]) => ({
            uuid: uuid(`file/${path}`),
            title: path,
            description: 'A file of the report, in the same folder.',
            rlinks: [
              {
                href: path,
                'media-type': MEDIA[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
                hashes: [{ algorithm: 'SHA-256', value }],
              },
            ],
          })),
        ],
      },
    },
  };
}

/** Names what its properties mean. */
const NAMESPACE = 'urn:x-akashi:oscal';

/** An OSCAL token: a letter first, then letters, digits, `.`, `-` and `_`. */
export const tokenOf = (text: string): string => `f-${text.replace(/[^A-Za-z0-9._-]+/g, '_')}`;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
