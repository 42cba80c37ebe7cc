/**
 * `npm run rehearse`: the deployment on one machine, an hour of a busy organisation in three clouds, and what goes wrong
 * with it. Exit code 0 only when everything held.
 */

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { FunctionName } from '../functions/list.ts';
import { deployedAlarms } from './alarms.ts';
import { type RehearsalOptions, type RehearsalResult, rehearse } from './rehearsal.ts';
import { report } from './report.ts';
import { MIXED, SCENARIOS, type Scenario } from './scenarios.ts';
import { installServers, LAKE_SERVERS } from './servers/cloud.ts';

const LAG_SECONDS = 60;
const SHORT_SECONDS = 40;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    faults: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    source: { type: 'string' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '120' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: '7' },
    server: { type: 'string', default: 'versitygw' },
    json: { type: 'boolean', default: false },
    logs: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const HELP = `npm run rehearse -- [scenario…] [--faults] [--short] [--json]

  --faults     every scenario; without it and without names, the first
  --short      for CI: a calm hour and a mixed one, both brief
  --rate N     records a second (${values.rate})
  --seconds N  how long the hour takes (${values.seconds})
  --minutes N  the same in minutes, for who lets it run a while
  --seed N     another organisation
  --server S   where the lake lies: ${Object.keys(LAKE_SERVERS).join(' or ')}
  --source F   the folder of functions' sources, instead of the bundles in dist/functions
  --logs       what functions print
  --json       the result for programs

${[...SCENARIOS, MIXED].map(({ name, about }) => `  ${name.padEnd(20)} ${about}`).join('\n')}`;

function fail(text: string): never {
  console.error(text);
  process.exit(2);
}

function numberOf(name: 'rate' | 'seconds' | 'minutes' | 'seed'): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 1)
    fail(`--${name} takes a whole number of at least 1, but "${values[name]}" was given.`);
  return number;
}

function lengthOf(): number {
  if (values.minutes !== undefined) return numberOf('minutes') * 60;
  return values.short ? SHORT_SECONDS : numberOf('seconds');
}

function chosen(): Scenario[] {
  const all = [...SCENARIOS, MIXED];
  const unknown = positionals.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined)
    fail(`"${unknown}" is no scenario; there are ${all.map(({ name }) => name).join(', ')}.`);
  if (positionals.length > 0) return all.filter(({ name }) => positionals.includes(name));
  if (values.short) return [SCENARIOS[0]!, MIXED];
  return values.faults ? [...SCENARIOS] : [SCENARIOS[0]!];
}

function codeOf(name: FunctionName): string {
  const bundle = fileURLToPath(new URL(`../dist/functions/${name}/index.mjs`, import.meta.url));
  return values.source === undefined ? bundle : `${values.source}/${name}/index.ts`;
}

if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const lakeServer = LAKE_SERVERS[values.server];
if (lakeServer === undefined)
  fail(`"${values.server}" is no server for the lake; there are ${Object.keys(LAKE_SERVERS).join(', ')}.`);
for (const name of ['collect', 'ingest', 'seal'] as const)
  if (!existsSync(codeOf(name)))
    fail(`${codeOf(name)} is not there. Make the bundles with \`npm run bundle\`.`);

// Told to stop, it takes servers and instances with it: they end as this process exits.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const started = Date.now();
const say = (text: string): void => {
  if (!values.json) console.log(`${((Date.now() - started) / 1000).toFixed(0).padStart(5)}  ${text}`);
};
const options: RehearsalOptions = {
  seed: numberOf('seed'),
  rate: values.short ? 100 : numberOf('rate'),
  seconds: lengthOf(),
  isBrief: values.short,
  lakeServer,
  code: codeOf,
  pyiceberg: true,
  lagSeconds: LAG_SECONDS,
  alarms: await deployedAlarms(),
  say,
  ...(values.logs
    ? { onLine: (name: string, line: string) => console.log(`       ${name}: ${line.slice(0, 2000)}`) }
    : {}),
};
say(`${availableParallelism()} cores; servers are installed where they are missing`);
installServers(lakeServer);
const results: RehearsalResult[] = [];
for (const scenario of chosen()) {
  try {
    results.push(await rehearse(scenario, options));
  } catch (error) {
    console.error(`${scenario.name} broke off: ${error instanceof Error ? error.stack : error}`);
    process.exitCode = 1;
  }
}
console.log(values.json ? JSON.stringify(results) : report(results, LAG_SECONDS));
if (results.some(({ ok }) => !ok) || results.length === 0) process.exitCode = 1;
// What a broken run left open keeps nobody waiting.
process.exit();
