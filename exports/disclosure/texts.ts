/** What is said in a disclosure, in English and in Japanese. */

export const TERMS: Readonly<Record<'en' | 'ja', readonly string[]>> = {
  en: [
    'This package was made to comply with the order named on its cover, and holds nothing but audit records within the scope stated there: principals, accounts and period.',
    'Principals were matched letter for letter with the name, id, unique id, credential and on-behalf-of fields of each record; the period includes its first instant and excludes its last.',
    'A record within the scope is given whole, as it was received. It may name other people, accounts and times: those that the record itself names.',
    'Evidence objects are not included, since they hold records of others. They are named by their SHA-256 alone, and the ledger entries that name them by their hashes.',
    'Whether records are missing within the scope is told by the hours of coverage on the cover. What was never received cannot be given.',
    'Keep it confidential. It holds personal data; use it for the purpose of the order alone.',
  ],
  ja: [
    'このパッケージは、表紙に記載された命令に応じるために作成されたものであり、表紙に記載された範囲（主体、アカウント、期間）に属する監査記録のみを含みます。',
    '主体は、各記録の名称、識別子、一意の識別子、認証情報及び委任元の欄と一字一句一致するもののみを対象としました。期間は始点を含み、終点を含みません。',
    '範囲内の記録は、受領したとおりにその全体を提供します。記録自体が他の者、アカウント又は日時を記載している場合には、それらが含まれることがあります。',
    '証拠となる原本ファイルは、他の者の記録を含むため提供しません。原本はSHA-256値のみにより、これを記載した台帳の項目はハッシュ値のみにより特定します。',
    '範囲内の記録に欠落があるかどうかは、表紙の網羅状況（時間数）に示します。受領していない記録は提供できません。',
    '本パッケージは個人情報を含みます。秘密を保持し、命令の目的以外に使用しないでください。',
  ],
};

export const SECRECY = {
  en: 'Secrecy was ordered. The custody record of this disclosure is sealed: it stands in the ledger encrypted, and only those it is sealed to can read it.',
  ja: '秘密の保持が命じられています。この提供に関する管理記録は封印されており、台帳には暗号化されて記録され、指定された者のみが読むことができます。',
} as const;

/** A label in both languages. */
export const both = (en: string, ja: string): string => `${en} / ${ja}`;
