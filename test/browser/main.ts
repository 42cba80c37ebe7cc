/**
 * `npm run test:browser [name…]`: every page in Chromium, on a desk's and a telephone's width, light and dark. It asks for
 * nothing, says nothing on the console, is never wider than the window, and its text can be read. AKASHI_PICTURES names a
 * folder that keeps the pictures, for looking at.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inBrowser, installChromium, type Look } from './chromium.ts';
import { look, pictureName } from './look.ts';
import { PAGES } from './pages.ts';

const LOOKS: readonly Look[] = [
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
];

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !PAGES.some((page) => page.name === name));
if (unknown !== undefined) {
  console.error(`"${unknown}" is no page; there are ${PAGES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
installChromium();
const folder = mkdtempSync(join(tmpdir(), 'akashi-pages-'));
const pictures = process.env['AKASHI_PICTURES'] ?? folder;
mkdirSync(pictures, { recursive: true });
let failed = 0;
try {
  const pages = await Promise.all(
    PAGES.filter(({ name }) => chosen.length === 0 || chosen.includes(name)).map(async (page) => {
      const file = join(folder, `${page.name}.html`);
      writeFileSync(file, await page.html());
      return { ...page, file };
    }),
  );
  for (const how of LOOKS)
    await inBrowser(how, async (context) => {
      for (const { name, file, shows, few, use = null } of pages) {
        if (few && how.width > 640 !== (how.scheme === 'light')) continue;
        const wrong = await look(
          context,
          file,
          shows,
          pictureName(pictures, name, how.width, how.scheme),
          use,
        );
        for (const what of wrong) console.error(`${name}, ${how.width} px, ${how.scheme}: ${what}`);
        if (wrong.length > 0) failed++;
      }
    });
  console.log(
    `${pages.length} pages on wide and narrow windows, light and dark: ${failed === 0 ? 'all well' : `${failed} FAILED`}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);
