/**
 * A document as plain data: what reports, cover pages and timelines say, apart from how it is drawn. `renderHtml` and
 * `renderPdf` draw the same page. Any text may come from a log: the renderers make all of it inert, and links lead to places of
 * the page itself alone, by ids that our own code chose.
 */

/** What a mark means: a colour, and never colour alone, since the text says it too. */
export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'quiet';

/** A stretch of text within a line. */
export interface Run {
  readonly text: string;
  /** Id of a section, a fact, a table row or another anchor of this page. */
  readonly to?: string;
  readonly mono?: true;
  readonly strong?: true;
  /** Drawn as a small mark (a pill) when given. */
  readonly tone?: Tone;
}

export type Inline = string | readonly Run[];

export interface Fact {
  readonly name: string;
  readonly value: Inline;
  /** Makes this fact a place that links can lead to. */
  readonly id?: string;
}

/** A number that should be seen first, with what it is compared to. */
export interface Figure {
  readonly name: string;
  /** As it is shown: `1,234,567`, `8.1 GB`. */
  readonly value: string;
  /** Where the number comes from. */
  readonly to?: string;
  /** `+12 % on August`. */
  readonly change?: string;
  readonly tone?: Tone;
}

export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Share of the width relative to the other columns' where their contents do not fit; 1 unless said. */
  readonly width?: number;
  readonly mono?: true;
}

export interface TableRow {
  readonly cells: readonly Inline[];
  readonly id?: string;
  /** A mark at the row's edge. */
  readonly tone?: Tone;
}

export interface Table {
  readonly kind: 'table';
  readonly caption?: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  /** Said in place of rows where there are none. */
  readonly empty?: string;
}

export interface Chart {
  readonly kind: 'chart';
  /**
   * `bar`: upright bars, side by side where there are several series. `stacked`: upright bars of parts, for amounts over time.
   * `horizontal`: bars from left to right, for names.
   */
  readonly form: 'bar' | 'stacked' | 'horizontal';
  readonly title: string;
  /** One sentence that says what the chart shows, for those who do not see it. */
  readonly description: string;
  /** One label per place along the axis of categories. */
  readonly labels: readonly string[];
  /** `Day (UTC)`. */
  readonly labelTitle: string;
  /** `Records`, `Bytes sent`. */
  readonly valueTitle: string;
  readonly unit: ChartUnit;
  readonly series: readonly Series[];
  /** Where its numbers come from. */
  readonly to?: string;
}

export type ChartUnit = 'count' | 'bytes' | 'percent';

export interface Series {
  readonly name: string;
  /** One per label; null where nothing is known, which is drawn apart from 0. Negative numbers are drawn as 0. */
  readonly values: readonly (number | null)[];
  /** For what has a meaning of its own, such as failures; the palette's next colour unless said. */
  readonly tone?: Tone;
}

export type Block =
  | { readonly kind: 'text'; readonly text: Inline; readonly id?: string }
  | { readonly kind: 'heading'; readonly text: string; readonly id?: string }
  | { readonly kind: 'list'; readonly items: readonly Inline[] }
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | { readonly kind: 'figures'; readonly figures: readonly Figure[] }
  | { readonly kind: 'code'; readonly text: string; readonly caption?: string; readonly id?: string }
  /** What must not be overlooked, such as what logs cannot show. */
  | {
      readonly kind: 'note';
      readonly tone: Tone;
      readonly title: string;
      readonly text: Inline;
      readonly id?: string;
    }
  | Table
  | Chart;

export interface Section {
  /** Letters, digits and `-`, chosen by our own code, unique within the page. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
  /** Starts a new sheet where the page is printed. */
  readonly newSheet?: true;
  /** Left out of the list of contents. */
  readonly unlisted?: true;
}

export interface Page {
  /** BCP 47: `en`, `ja`. */
  readonly lang: string;
  /** Small print over the title: `Monthly report`. */
  readonly eyebrow?: string;
  readonly title: string;
  readonly subtitle: string;
  /** The page's own instant, RFC 3339; documents carry it in place of a clock. */
  readonly at: string;
  readonly facts: readonly Fact[];
  readonly sections: readonly Section[];
  /** At the foot of every sheet, such as the ledger head all numbers come from. */
  readonly foot: string;
}

/** The text of an inline, without its marks. */
export const plainText = (inline: Inline): string =>
  typeof inline === 'string' ? inline : inline.map(({ text }) => text).join('');
