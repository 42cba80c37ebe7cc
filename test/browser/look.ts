/** One page in one window: what must hold of every page, and a picture for people. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { ACTIVE_ELEMENTS, CHARTS, LOW_CONTRAST, OUTSIDE_LINKS, OVERFLOW } from './in-page.ts';

interface ChartSeen {
  readonly width: number;
  readonly height: number;
  readonly said: number;
  readonly outside: readonly string[];
  readonly bars: number;
}

/** Uses a page that has a script of its own, and returns what does not work. */
export type PageUse = (page: Page) => Promise<string[]>;

/** What such a page is made of; its policy names the one script by its hash. */
const OWN_ELEMENTS = /^<(script>|input type="(checkbox|search)"|button type="button")/;

/** Opens the file and returns what is wrong with it, nothing when all is well; leaves `<picture>`. */
export async function look(
  context: BrowserContext,
  file: string,
  shows: readonly string[],
  picture: string,
  use: PageUse | null = null,
): Promise<string[]> {
  const wrong: string[] = [];
  const url = pathToFileURL(file).href;
  const page = await context.newPage();
  page.on('request', (request) => {
    if (request.url() !== url) wrong.push(`it asks for ${request.url()}`);
  });
  page.on('console', (message) => wrong.push(`the console says: ${message.text()}`));
  page.on('pageerror', (error) => wrong.push(`a script fails: ${error.message}`));
  page.on('dialog', (dialog) => {
    wrong.push(`it opens a dialogue: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url, { waitUntil: 'load' });
  const asked = async <T>(expression: string): Promise<T> => (await page.evaluate(expression)) as T;

  const overflow = await asked<number>(OVERFLOW);
  if (overflow > 0) wrong.push(`it is ${overflow} px wider than the window`);
  for (const element of await asked<string[]>(ACTIVE_ELEMENTS))
    if (use === null || !OWN_ELEMENTS.test(element)) wrong.push(`it holds ${element}`);
  for (const link of await asked<string[]>(OUTSIDE_LINKS)) wrong.push(`a link leads to ${link}`);
  for (const place of await asked<string[]>(LOW_CONTRAST)) wrong.push(`hard to read: ${place}`);
  for (const chart of await asked<ChartSeen[]>(CHARTS)) {
    if (chart.height < 40 || chart.bars === 0 || chart.said === 0) wrong.push('a chart is empty or mute');
    for (const mark of chart.outside) wrong.push(`outside its chart: ${mark}`);
  }
  const text = await asked<string>('document.body.innerText');
  for (const part of shows) if (!text.includes(part)) wrong.push(`it does not show ${JSON.stringify(part)}`);
  await page.screenshot({ path: picture, fullPage: true });
  if (use !== null) wrong.push(...(await use(page)));
  await page.close();
  return wrong;
}

export const pictureName = (folder: string, name: string, width: number, scheme: string): string =>
  join(folder, `${name}-${width}-${scheme}.png`);
