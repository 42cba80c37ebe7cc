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
    throw new AkashiError(
      'CONFIG_MISSING',
      `"${path}" cannot be read: ${(cause as Error).message}. Name the deployment's configuration with --config.`,
      { cause },
    );
  }
  return parseConfiguration(text, path);
}
