/** The cover of a disclosure, in English and Japanese: the order, the scope, what is in it, and on which terms. */

import { UNIT_VERDICTS, type UnitVerdict } from '../../ledger/coverage/states.ts';
import { type BagFile, textFile } from '../package/bag.ts';
import { renderHtml } from '../page/html.ts';
import type { Fact, Page } from '../page/page.ts';
import type { DisclosureFacts } from './make.ts';
import { ORDER_TYPES } from './scope.ts';
import { both, SECRECY, TERMS } from './texts.ts';

export async function coverFiles(facts: DisclosureFacts): Promise<BagFile[]> {
  const page = coverPage(facts);
  const { renderPdf } = await import('../page/pdf.ts');
  return [textFile('data/cover.html', renderHtml(page)), textFile('data/cover.pdf', await renderPdf(page))];
}

const grouped = (value: number): string => value.toLocaleString('en-US');

export function coverPage({ order, scope, secret, records, sources, hours, proofs }: DisclosureFacts): Page {
  const type = Object.hasOwn(ORDER_TYPES, order.type)
    ? ORDER_TYPES[order.type]!
    : { en: order.type, ja: order.type };
  const list = (values: readonly string[]): string =>
    values.length === 0 ? both('any', '指定なし') : values.join(', ');
  const facts: Fact[] = [
    { name: both('Authority', '命令を発した機関'), value: order.authority },
    { name: both('Order', '命令の種別'), value: type.en === type.ja ? type.en : both(type.en, type.ja) },
    { name: both('Number', '番号'), value: order.number },
    { name: both('Date', '日付'), value: order.date },
    { name: both('Person in charge', '担当者'), value: order.personInCharge },
  ];
  return {
    lang: 'en',
    eyebrow: both('Disclosure', '記録の提供'),
    title: both('Disclosure of audit records', '監査記録の提供'),
    subtitle: both(
      'under a lawful order, limited to its scope',
      '法令に基づく命令による、範囲を限定した提供',
    ),
    // A disclosure carries the order's own date: no clock of ours goes into what is compared.
    at: `${order.date}T00:00:00Z`,
    facts,
    sections: [
      ...(secret
        ? [
            {
              id: 'secrecy',
              title: both('Secrecy', '秘密の保持'),
              blocks: [
                {
                  kind: 'note',
                  tone: 'warn',
                  title: both('Secret', '秘'),
                  text: `${SECRECY.en} ${SECRECY.ja}`,
                } as const,
              ],
            },
          ]
        : []),
      {
        id: 'scope',
        title: both('Scope', '範囲'),
        blocks: [
          {
            kind: 'facts',
            facts: [
              { name: both('Principals', '主体'), value: list(scope.principals) },
              { name: both('Accounts', 'アカウント'), value: list(scope.accounts) },
              { name: both('From', '始期'), value: scope.since.toISOString() },
              { name: both('Until (excluded)', '終期（含まない）'), value: scope.until.toISOString() },
            ],
          },
        ],
      },
      {
        id: 'contents',
        title: both('Contents', '内容'),
        blocks: [
          {
            kind: 'table',
            columns: [
              { title: both('Source', '記録の種類') },
              { title: both('Records', '件数'), align: 'right' },
            ],
            rows: [
              ...Object.entries(sources).map(([source, count]) => ({ cells: [source, grouped(count)] })),
              { cells: [both('All', '合計'), grouped(records)] },
            ],
          },
          {
            kind: 'table',
            caption: both(
              'Coverage of the period, in hours of each stream of records',
              '期間の網羅状況（記録の流れごとの時間数）',
            ),
            columns: [
              { title: both('Verdict', '判定') },
              { title: both('Hours', '時間'), align: 'right' },
              { title: both('Meaning', '意味') },
            ],
            rows: Object.entries(hours).map(([verdict, count]) => ({
              cells: [verdict, grouped(count), UNIT_VERDICTS[verdict as UnitVerdict].meaning],
            })),
            empty: both('nothing is known', '不明'),
          },
        ],
      },
      {
        id: 'terms',
        title: both('Terms', '条件'),
        blocks: [
          { kind: 'list', items: TERMS.en },
          { kind: 'list', items: TERMS.ja },
        ],
      },
      {
        id: 'proof',
        title: both('Proof', '証明'),
        blocks: [
          {
            kind: 'facts',
            facts: [
              { name: both('Ledger', '台帳'), value: proofs.origin },
              { name: both('Entries', '項目数'), value: grouped(proofs.size) },
              { name: both('Root', 'ルート'), value: [{ text: proofs.root, mono: true }] },
              { name: both('Verifier key', '検証鍵'), value: [{ text: proofs.vkey, mono: true }] },
            ],
          },
          {
            kind: 'text',
            text: both('README.txt says how to check it.', '検証の方法はREADME.txtに記載しています。'),
          },
        ],
      },
    ],
    foot: `Ledger ${proofs.origin}, ${grouped(proofs.size)} entries, root ${proofs.root}`,
  };
}
