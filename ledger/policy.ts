/**
 * Whom a verifier trusts (https://c2sp.org/tlog-policy): logs by key, witnesses by key, and how many witnesses must
 * have seen a checkpoint.
 */

import { type LogIdentity, parseCheckpointText, type SignedCheckpoint } from './checkpoint.ts';
import { parseCount } from './encoding.ts';
import { openNote } from './note.ts';
import { accepted, type Outcome, refused } from './outcome.ts';
import { type KeyType, parseVkey, type Verifier } from './vkey.ts';

export type Quorum =
  | { readonly kind: 'none' }
  | { readonly kind: 'witness'; readonly verifier: Verifier }
  | { readonly kind: 'group'; readonly threshold: number; readonly members: readonly Quorum[] };

export interface Policy {
  readonly logs: readonly Verifier[];
  readonly witnesses: readonly Verifier[];
  readonly quorum: Quorum;
}

const MAX_POLICY_BYTES = 1 << 20;

/** Trusts one log and asks for no witness. */
export const policyOf = ({ origin, verifiers }: LogIdentity): Policy => ({
  logs: verifiers.filter(({ name, type }) => name === origin && type === 'ed25519'),
  witnesses: [],
  quorum: { kind: 'none' },
});

const isMet = (quorum: Quorum, verified: ReadonlySet<Verifier>): boolean => {
  switch (quorum.kind) {
    case 'none':
      return true;
    case 'witness':
      return verified.has(quorum.verifier);
    case 'group':
      return quorum.members.filter((member) => isMet(member, verified)).length >= quorum.threshold;
    default:
      return quorum satisfies never;
  }
};

/** Reads a checkpoint that one of the policy's logs signed, under its own origin, and enough witnesses cosigned. */
export function openByPolicy(note: Uint8Array, policy: Policy): Outcome<SignedCheckpoint> {
  const opened = openNote(note, [...policy.logs, ...policy.witnesses]);
  if (!opened.ok) return opened;
  const parsed = parseCheckpointText(opened.value.text);
  if (!parsed.ok) return parsed;
  const { verified } = opened.value;
  const { origin } = parsed.value;
  if (!verified.some((verifier) => policy.logs.includes(verifier) && verifier.name === origin)) {
    return refused('CHECKPOINT_UNSIGNED', `no trusted key of the log ${JSON.stringify(origin)} signed it`);
  }
  if (!isMet(policy.quorum, new Set(verified))) {
    const cosigned = verified.filter((verifier) => policy.witnesses.includes(verifier)).length;
    return refused(
      'CHECKPOINT_UNWITNESSED',
      `${cosigned} trusted witnesses cosigned it, fewer than the policy asks`,
    );
  }
  return accepted({ ...parsed.value, verified, note });
}

/** Reads a policy file. */
export function parsePolicy(bytes: Uint8Array): Outcome<Policy> {
  if (bytes.length > MAX_POLICY_BYTES) {
    return refused('POLICY_MALFORMED', `${bytes.length} bytes, at most ${MAX_POLICY_BYTES}`);
  }
  if (bytes.some((byte) => (byte < 0x20 && byte !== 0x09 && byte !== 0x0a) || byte === 0x7f)) {
    return refused('POLICY_MALFORMED', 'holds a control character');
  }
  const draft: PolicyDraft = { logs: [], witnesses: [], names: new Map(), members: new Set(), quorum: null };
  // Names are opaque bytes, so one character stands for one byte here.
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1').split('\n');
  for (const [at, line] of lines.entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words.length === 0 || words[0]!.startsWith('#')) continue;
    const problem = readLine(draft, words);
    if (problem !== null) return refused('POLICY_MALFORMED', `line ${at + 1}: ${problem}`);
  }
  const { logs, witnesses, quorum } = draft;
  return quorum === null
    ? refused('POLICY_MALFORMED', 'no quorum line; write "quorum none" to ask for no witness')
    : accepted({ logs, witnesses, quorum });
}

interface PolicyDraft {
  readonly logs: Verifier[];
  readonly witnesses: Verifier[];
  readonly names: Map<string, Quorum>;
  /** Names already in a group. */
  readonly members: Set<string>;
  quorum: Quorum | null;
}

function readLine(draft: PolicyDraft, [keyword, ...words]: readonly string[]): string | null {
  switch (keyword) {
    case 'log':
      return words.length === 1 || words.length === 2
        ? addKey(draft.logs, words[0]!, 'ed25519')
        : 'a log line is "log <vkey> [<url>]"';
    case 'witness':
      return words.length === 2 || words.length === 3
        ? (addKey(draft.witnesses, words[1]!, 'cosignature') ??
            define(draft, words[0]!, { kind: 'witness', verifier: draft.witnesses.at(-1)! }))
        : 'a witness line is "witness <name> <vkey> [<url>]"';
    case 'group':
      return addGroup(draft, words);
    case 'quorum':
      return setQuorum(draft, words);
    default:
      return `${JSON.stringify(keyword)} is not log, witness, group or quorum`;
  }
}

function addKey(keys: Verifier[], text: string, type: KeyType): string | null {
  const key = parseVkey(Buffer.from(text, 'latin1').toString('utf8'));
  if (!key.ok) return key.problem;
  if (key.value.type !== type) return `a key of type ${key.value.type}, not ${type}`;
  if (keys.some(({ publicKey }) => Buffer.compare(publicKey, key.value.publicKey) === 0))
    return 'a key given before';
  keys.push(key.value);
  return null;
}

function define({ names }: PolicyDraft, name: string, quorum: Quorum): string | null {
  if (name === 'none' || names.has(name)) return `${JSON.stringify(name)} is already defined`;
  names.set(name, quorum);
  return null;
}

function addGroup(draft: PolicyDraft, [name, rule, ...names]: readonly string[]): string | null {
  if (name === undefined || rule === undefined || names.length === 0) {
    return 'a group line is "group <name> all|any|<k> <member>…"';
  }
  const members: Quorum[] = [];
  for (const member of names) {
    const quorum = draft.names.get(member);
    if (quorum === undefined) return `${JSON.stringify(member)} is not defined above`;
    if (draft.members.has(member)) return `${JSON.stringify(member)} is already in a group`;
    draft.members.add(member);
    members.push(quorum);
  }
  const threshold = rule === 'all' ? members.length : rule === 'any' ? 1 : parseCount(rule);
  if (threshold === null || threshold < 1 || threshold > members.length) {
    return `${JSON.stringify(rule)} is not all, any, or a number from 1 to ${members.length}`;
  }
  return define(draft, name, { kind: 'group', threshold, members });
}

function setQuorum(draft: PolicyDraft, [name, ...more]: readonly string[]): string | null {
  if (name === undefined || more.length > 0) return 'a quorum line is "quorum <name>" or "quorum none"';
  if (draft.quorum !== null) return 'a second quorum line';
  const quorum: Quorum | undefined = name === 'none' ? { kind: 'none' } : draft.names.get(name);
  if (quorum === undefined) return `${JSON.stringify(name)} is not defined above`;
  draft.quorum = quorum;
  return null;
}
