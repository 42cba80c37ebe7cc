/** `akashi verify <package>`: an evidence package checked from our side. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageVerification } from '../../exports/package/check/report.ts';
import { type Invocation, textOption } from '../command.ts';
import { progressLine } from '../progress.ts';
import { bytesText, counted, folded, foldWidth, grouped, harmless, jsonText, paint } from '../terminal.ts';
import { stampTrust } from '../tsa-options.ts';
import { UsageError } from '../usage-error.ts';

/** Options of a lake alone. */
const NOT_WITH_PACKAGES = ['deep', 'rederive', 'known', 'record'] as const;

/** Returns 0 for a package that holds, 1 for one that does not; throws as `verifyPackage` does, and UsageError. */
export async function runVerifyPackage(invocation: Invocation): Promise<number> {
  const [path, ...more] = invocation.words;
  if (more.length > 0) throw new UsageError(`verify takes one package, and "${more[0]}" came after it.`);
  const alien = NOT_WITH_PACKAGES.find((name) => invocation.values[name] !== undefined);
  if (alien !== undefined)
    throw new UsageError(
      `--${alien} is for a lake: a package is always checked whole, and rows derived again.`,
    );
  if (existsSync(join(path!, 'data/order.json')))
    throw new UsageError(
      `"${path}" is a disclosure, whose proofs are by hash alone: check it with python3 ${join(path!, 'check.py')} ${path} <key file>.`,
    );
  if (!existsSync(path!)) throw new UsageError(`There is no package "${path}". A lake is named with --lake.`);
  if (existsSync(join(path!, 'lake.json')))
    throw new UsageError(`"${path}" is a lake and no package. The lake is named with --lake.`);
  const publicKey = textOption(invocation, 'public-key');
  const identity = textOption(invocation, 'identity');
  // Loaded only for who verifies a package.
  const { verifyPackage } = await import('../../exports/package/check/verify-package.ts');
  const progress = progressLine('verify');
  try {
    const report = await verifyPackage(path!, {
      ...(publicKey === undefined ? {} : { publicKey }),
      ...(identity === undefined ? {} : { identity }),
      stamps: await stampTrust(invocation),
      onProgress: (stage, done, total) =>
        progress.update(done, total, `${stage}: ${stage === 'hashing' ? bytesText(done) : grouped(done)}`),
    });
    progress.clear();
    process.stdout.write(`${invocation.json ? jsonText(report) : told(report)}\n`);
    return report.ok ? 0 : 1;
  } finally {
    progress.clear();
  }
}

const SHOWN = 50;

function told(report: PackageVerification): string {
  const { files, records, rows, rederived, checkpoint, timestamp, custody, problems, caveats, vouched } =
    report;
  const lines = [
    `${counted(files.checked, 'file')} hashed, ${bytesText(files.bytes)}; ${counted(records.checked, 'record')} of ${counted(records.bodies, 'evidence object')} followed`,
    Object.entries(rows)
      .map(([name, count]) => `${grouped(count)} rows of ${harmless(name)}`)
      .join(', '),
  ];
  if (rederived !== null)
    lines.push(`${grouped(rederived.rows)} rows derived again from ${grouped(rederived.bodies)} bodies`);
  if (checkpoint !== null)
    lines.push(
      `${harmless(checkpoint.origin)}, ${grouped(checkpoint.size)} entries, root ${checkpoint.root}`,
    );
  if (timestamp !== null)
    lines.push(
      `its first ${grouped(timestamp.size)} entries existed at ${timestamp.time}, says ${harmless(timestamp.authority)}${timestamp.trusted ? '' : ', whom no root given vouches for'}`,
    );
  if (custody !== null)
    lines.push(
      `made by ${harmless(custody.actor)} at ${custody.at}${custody.case === null ? '' : ` for ${harmless(custody.case)}`}${custody.sealed ? ', on record in the ledger' : ''}`,
    );
  for (const caveat of caveats)
    lines.push(...folded(harmless(caveat), foldWidth()).map((line) => paint('dim', line)));
  for (const { code, key, detail } of problems.slice(0, SHOWN))
    lines.push(paint('red', `${code} ${harmless(key)}: ${harmless(detail)}`));
  if (problems.length > SHOWN)
    lines.push(paint('red', `and ${grouped(problems.length - SHOWN)} more (--json lists all)`));
  lines.push(
    problems.length > 0
      ? paint('red', counted(problems.length, 'problem'))
      : paint(
          'green',
          vouched ? 'intact: and the ledger itself vouches for every file under data/' : 'intact',
        ),
  );
  return lines.filter((line) => line !== '').join('\n');
}
