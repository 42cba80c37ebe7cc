/** A deployment's configuration, audit-trail.json, from where the command line names it. */

import { readFile } from 'node:fs/promises';
import { type Configuration, parseConfiguration } from '../infra/configuration.ts';
import { AkashiError } from '../schema/error.ts';

export const DEPLOYMENT_FILE = 'audit-trail.json';

/** Throws CONFIG_MISSING, and as `parseConfiguration` does. */
export async function readDeployment(path: string): Promise<Configuration> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read: ${message}`;
    throw new AkashiError(
      'CONFIG_MISSING',
      `"${path}" ${why}. Name the deployment's configuration with --config.`,
      { cause },
    );
  }
  return parseConfiguration(text, path);
}
