/**
 * endlessh, a trap that answers SSH clients very slowly: all it sees are strangers who connect and, in the end, give up.
 * https://github.com/skeeto/endlessh
 */

import type { LinuxFact } from './linux-fact.ts';
import { matchRules, type Rule } from './linux-rules.ts';

const RULES: readonly Rule[] = [
  {
    event: 'connection',
    starts: 'ACCEPT ',
    pattern: /^ACCEPT host=(?<from>\S+) port=(?<port>\d{1,5}) fd=\d+ n=(?<clients>\d+)\/\d+$/,
  },
  {
    event: 'connection_closed',
    starts: 'CLOSE ',
    pattern:
      /^CLOSE host=(?<from>\S+) port=(?<port>\d{1,5}) fd=\d+ time=(?<seconds>\d+(?:\.\d+)?) bytes=(?<bytes>\d+)$/,
  },
];

export function readEndlessh(message: string): LinuxFact | null {
  return matchRules(RULES, message);
}
