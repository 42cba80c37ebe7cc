/** Faces of a PDF, and what of a text each can print. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Piece, pieces } from './shown-text.ts';

const packaged = createRequire(import.meta.url);
const face = (path: string): string => packaged.resolve(`@expo-google-fonts/noto-sans-jp/${path}`);

export type Style = 'regular' | 'bold' | 'mono';
/** Names the fonts are registered under. */
export const FONT = { regular: 'Sans', bold: 'SansBold', mono: 'Courier' } as const;
/** Japanese type sets `…` in the middle of a full width, so it is taken from a Latin face that every reader has. */
const ELLIPSIS = { regular: 'Helvetica', bold: 'Helvetica-Bold', mono: 'Courier' } as const;

/** A character, or a row of them that stands for one that cannot be printed, with its width at size 1. */
export interface Glyph {
  readonly text: string;
  readonly font: string;
  readonly width: number;
  /** It stands for a character that is not shown as it is. */
  readonly escaped: boolean;
}

/** What of pdfkit is used here. */
interface FontUser {
  registerFont(name: string, source: Buffer): unknown;
  font(name: string): unknown;
  fontSize(size: number): unknown;
  widthOfString(text: string): number;
}

/** What pdfkit keeps of a font in use and does not declare. */
interface OpenFont {
  readonly _font: { readonly font: { hasGlyphForCodePoint(code: number): boolean } };
}

interface Known {
  readonly glyph: Glyph;
  /** Shown by its number. */
  readonly named: boolean;
}

const MEASURE_SIZE = 1000;
/** Faces used only for what they certainly have. */
const LATIN: Readonly<Record<string, true>> = { Helvetica: true, 'Helvetica-Bold': true, Courier: true };

function fontFor(character: string, style: Style): string {
  if (character === '…') return ELLIPSIS[style];
  const ascii = character >= ' ' && character <= '~';
  return style === 'mono' && !ascii ? FONT.regular : FONT[style];
}

/** Sans-serif with Japanese, and a fixed-width face for what ASCII there is in code. */
export class PdfFonts {
  readonly #document: FontUser;
  readonly #known = new Map<string, Known>();

  constructor(document: FontUser) {
    this.#document = document;
    document.registerFont(FONT.regular, readFileSync(face('400Regular/NotoSansJP_400Regular.ttf')));
    document.registerFont(FONT.bold, readFileSync(face('700Bold/NotoSansJP_700Bold.ttf')));
  }

  /** The text's characters as they print; what no face has becomes `U+0627`. */
  glyphs(text: string, style: Style, longest?: number): Glyph[] {
    return pieces(text, longest).flatMap((piece) => this.#ofPiece(piece, style));
  }

  width(text: string, style: Style): number {
    return this.glyphs(text, style).reduce((sum, { width }) => sum + width, 0);
  }

  #ofPiece({ text, escaped }: Piece, style: Style): Glyph[] {
    const all: Glyph[] = [];
    let named = false;
    for (const character of text) {
      const key = `${escaped ? '!' : '.'}${style}${character}`;
      let known = this.#known.get(key);
      if (known === undefined) {
        known = this.#ofCharacter(character, style, escaped);
        this.#known.set(key, known);
      }
      // Names one after the other would not be told apart.
      if (known.named && named) all.push(this.#space(style));
      named = known.named;
      all.push(known.glyph);
    }
    return all;
  }

  #ofCharacter(character: string, style: Style, escaped: boolean): Known {
    const code = character.codePointAt(0)!;
    const font = fontFor(character, style);
    if (font in LATIN || this.#has(font, code))
      return { glyph: { text: character, font, width: this.#width(character, font), escaped }, named: false };
    const text = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    const width = this.#width(text, FONT[style]);
    return { glyph: { text, font: FONT[style], width, escaped: true }, named: true };
  }

  #space(style: Style): Glyph {
    return { text: ' ', font: FONT[style], width: this.#width(' ', FONT[style]), escaped: true };
  }

  #has(font: string, code: number): boolean {
    this.#document.font(font);
    return (this.#document as unknown as OpenFont)._font.font.hasGlyphForCodePoint(code);
  }

  #width(text: string, font: string): number {
    this.#document.font(font);
    this.#document.fontSize(MEASURE_SIZE);
    return this.#document.widthOfString(text) / MEASURE_SIZE;
  }
}
