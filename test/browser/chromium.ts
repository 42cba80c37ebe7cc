/** A Chromium that asks nobody for anything, from Debian's packages where there is none. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { isInstalled, run } from '../servers/server.ts';

const PATH = process.env['AKASHI_CHROMIUM'] ?? '/usr/bin/chromium';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Makes sure that it is there; elsewhere than on Debian, AKASHI_CHROMIUM names one. Throws when it cannot be had. */
export function installChromium(): void {
  if (isInstalled(PATH)) return;
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], quiet);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], quiet);
}

export interface Look {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

/** Runs `task` in a browser with a profile of its own, new and removed afterwards. */
export async function inBrowser<T>(
  { width, scheme }: Look,
  task: (context: BrowserContext) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'akashi-browser-'));
  try {
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: PATH,
      headless: true,
      args: FLAGS,
      viewport: { width, height: 900 },
      colorScheme: scheme,
    });
    try {
      return await task(context);
    } finally {
      await context.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
