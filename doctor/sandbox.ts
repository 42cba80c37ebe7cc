/** Which barriers stand between a query and this machine. */

import { activeBarriers, type Barrier } from '../engine/sandbox/barriers.ts';
import { type Examination, type Finding, missing, ok } from './finding.ts';

const AREA = 'sandbox';

/** By the barrier's name; any other is put up by a newer system. */
const FIXES: Readonly<Record<string, string>> = {
  process: 'Start akashi by its own Node (`npx akashi`), with a writable TMPDIR.',
  'no network (namespace)':
    'On Linux install util-linux and permit user namespaces (sysctl kernel.unprivileged_userns_clone=1; in a container seccomp must allow unshare).',
  'no privileges': 'On Linux install util-linux (setpriv), and do not run as root.',
  'memory limit (kernel)': 'Run on Linux with a shell whose ulimit -d works.',
  'processor time (kernel)': 'Run on Linux with a shell whose ulimit -t works.',
  'no writing (kernel)': 'Run on Linux with a shell whose ulimit -f works.',
};
const ELSEWHERE = 'Run queries on Linux, where the kernel offers it.';

export const sandboxExamination = (
  look: () => Promise<readonly Barrier[]> = activeBarriers,
): Examination => ({
  area: AREA,
  look: async () => (await look()).map(finding),
});

const finding = ({ name, active, detail }: Barrier): Finding =>
  active ? ok(AREA, `${name}: ${detail}`) : missing(AREA, `${name}: ${detail}`, FIXES[name] ?? ELSEWHERE);
