/** The places of a page that links lead to. */

import { AkashiError } from '../../schema/error.ts';
import type { Block, Inline, Page } from './page.ts';

const ID = /^[A-Za-z][\w.-]*$/;

/** All ids of a page. Throws PAGE_INVALID for one that is given twice, no plain word, or linked to and nowhere. */
export function anchorsOf(page: Page): ReadonlySet<string> {
  const ids = new Set<string>();
  const links = new Set<string>();
  const place = (id: string | undefined): void => {
    if (id === undefined) return;
    if (!ID.test(id)) throw invalid(`"${id}" is no id: a letter, then letters, digits, - _ and .`);
    if (ids.has(id)) throw invalid(`the id "${id}" is given twice`);
    ids.add(id);
  };
  const link = (to: string | undefined): void => {
    if (to !== undefined) links.add(to);
  };
  const inline = (text: Inline): void => {
    if (typeof text !== 'string') for (const { to } of text) link(to);
  };
  const block = (one: Block): void => {
    if ('id' in one) place(one.id);
    switch (one.kind) {
      case 'text':
      case 'note':
        inline(one.text);
        break;
      case 'list':
        one.items.forEach(inline);
        break;
      case 'facts':
        for (const { id, value } of one.facts) {
          place(id);
          inline(value);
        }
        break;
      case 'figures':
        for (const { to } of one.figures) link(to);
        return;
      case 'table':
        for (const { id, cells } of one.rows) {
          place(id);
          cells.forEach(inline);
        }
        break;
      case 'chart':
        link(one.to);
        break;
      case 'heading':
      case 'code':
        break;
      default:
        one satisfies never;
    }
  };
  for (const { id, value } of page.facts) {
    place(id);
    inline(value);
  }
  for (const section of page.sections) {
    place(section.id);
    section.blocks.forEach(block);
  }
  for (const to of links) if (!ids.has(to)) throw invalid(`a link leads to "${to}", which is nowhere`);
  return ids;
}

const invalid = (what: string): AkashiError => new AkashiError('PAGE_INVALID', `the page: ${what}`);
