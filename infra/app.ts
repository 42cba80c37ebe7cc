/**
 * The app of `cdk`: one stack from one file. `--context config=FILE` names another file than audit-trail.json,
 * `--context build=FOLDER` another build than dist, `--context only=replica` makes the copy in the other account.
 */

import { existsSync, readFileSync } from 'node:fs';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AkashiError } from '../schema/error.ts';
import { AuditTrail, type AuditTrailProps } from './audit-trail.ts';
import { type Configuration, parseConfiguration } from './configuration.ts';
import { refused } from './members.ts';
import { ReplicaVault } from './replica.ts';

const CONFIG = 'audit-trail.json';

const text = (app: App, name: string, otherwise: string): string => {
  const value: unknown = app.node.tryGetContext(name);
  return typeof value === 'string' && value !== '' ? value : otherwise;
};

/** Throws CONFIG_FILE, CONFIG_ONLY, and as `parseConfiguration` and `AuditTrail` do. */
export function appOf(app: App): App {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const path = text(app, 'config', CONFIG);
  if (!existsSync(path))
    throw refused(
      'CONFIG_FILE',
      path,
      'there is no such file',
      'Write one (docs/deploy.md shows how little is needed; infra/example/audit-trail.json has everything), or name it with --context config=FILE.',
    );
  const written = textOf(path);
  const configuration = parseConfiguration(written, path);
  const only = text(app, 'only', 'trail');
  const build = text(app, 'build', 'dist');
  if (only === 'replica') replicaStack(app, configuration, path);
  else if (only === 'trail') {
    const { name, region, account, trial } = configuration;
    const stack = new Stack(app, name, {
      env: { region, ...(account === undefined ? {} : { account }) },
      description: `Akashi: collects, keeps and proves audit trails (${name})`,
      terminationProtection: !trial,
    });
    new AuditTrail(stack, 'AuditTrail', { ...(JSON.parse(written) as AuditTrailProps), build });
  } else
    throw refused(
      'CONFIG_ONLY',
      '--context only',
      `it is "${only}"`,
      'It is trail (the default) or replica.',
    );
  return app;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw refused(
      'CONFIG_FILE',
      path,
      `it cannot be read: ${(cause as Error).message}`,
      'Name a file that can be with --context config=FILE.',
    );
  }
}

function replicaStack(app: App, configuration: Configuration, path: string): void {
  const { name, replica, trial } = configuration;
  if (replica === undefined)
    throw refused('CONFIG_MISSING', path, '"replica" is not given', 'Name its bucket, account and region.');
  const { account, region } = replica;
  const stack = new Stack(app, `${name}-replica`, {
    env: { account, region },
    description: `Akashi: the locked copy of the vault of ${name}`,
    terminationProtection: !trial,
  });
  new ReplicaVault(stack, 'Replica', configuration);
}

if (import.meta.main) {
  try {
    appOf(new App()).synth();
  } catch (error) {
    if (!(error instanceof AkashiError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exitCode = 1;
  }
}
