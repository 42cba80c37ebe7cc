/** README.txt of a disclosure, in English and Japanese. */

import type { DisclosureFacts } from './make.ts';
import { SECRECY, TERMS } from './texts.ts';

const FILES = [
  ['data/cover.html, .pdf', 'the order, the scope, the terms', '命令、範囲、条件'],
  ['data/order.json', 'the same for programs', '同上（プログラム用）'],
  ['data/terms.txt', 'the terms', '条件'],
  ['data/records.jsonl, .csv', 'the records, each whole, in the order of time', '記録（日時順、全体）'],
  [
    'data/records/index.jsonl',
    'for each record its place in the evidence and its SHA-256',
    '各記録の原本における位置とSHA-256値',
  ],
  [
    'data/records/slices',
    'the bytes of the records, where they stand in the evidence as they are',
    '記録のバイト列',
  ],
  [
    'data/proofs.jsonl',
    'for each evidence object its SHA-256, and the proof of its ledger entry by hash',
    '原本のSHA-256値と台帳項目のハッシュによる証明',
  ],
  ['proofs/', 'the signed checkpoint of the ledger, and its key', '署名された台帳のチェックポイントと鍵'],
  ['custody/', 'the custody record of this disclosure, and its proof', 'この提供の管理記録とその証明'],
] as const;

export function readmeText({
  manifestSha256,
  sealed,
  secret,
  records,
  proofs,
}: DisclosureFacts & { readonly manifestSha256: string; readonly sealed: boolean }): string {
  const files = (at: 1 | 2) => FILES.map((file) => `  ${file[0]}\n      ${file[at]}`).join('\n');
  return `DISCLOSURE OF AUDIT RECORDS

${records} records, disclosed under the order on the cover. Payload manifest: SHA-256 ${manifestSha256}
${secret ? `\n${SECRECY.en}\n` : ''}
${files(1)}

CHECK IT

Get the ledger's verifier key from somebody you trust, not from this package. Whoever made it says that it is:

  ${proofs.vkey}

As the file trusted.vkey beside this folder:

  python3 check.py . ../trusted.vkey

It checks every file, the signature of the checkpoint, that the ledger holds an entry with each hash, that each record is what
the index says, and that the custody record is of this very package${sealed ? '' : ' (it waits for a seal: no signature covers the records yet)'}.

WHAT IT DOES NOT PROVE

- That a ledger entry names the evidence object beside its hash, and that a record stands in that object at its place, is the
  word of whoever made the package: entry and object hold what is of others, and are not here. A court or auditor who is given
  the entry and the object can check both, by the hashes here.
- That no record within the scope was left out, beyond the hours of coverage on the cover.

TERMS

${TERMS.en.map((text) => `- ${text}`).join('\n')}

監査記録の提供

表紙の命令に基づき提供する記録は${records}件です。
${secret ? `\n${SECRECY.ja}\n` : ''}
${files(2)}

検証の方法: 信頼できる者から台帳の検証鍵を入手し、trusted.vkeyとしてこのフォルダの隣に置き、次を実行してください。

  python3 check.py . ../trusted.vkey

証明しないこと: 台帳項目が隣に記載された原本を指すこと、及び記録が原本のその位置にあることは、作成者の申述によります。台帳項目と原本は
他の者に関する内容を含むため、ここには含まれません。裁判所又は監査人は、それらの提示を受けることにより、ここに記載されたハッシュ値と
照合することができます。

条件

${TERMS.ja.map((text) => `- ${text}`).join('\n')}
`;
}
