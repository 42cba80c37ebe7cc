/** Tells what was typed from what was answered: a command stands after a shell's prompt. */

export interface Prompt {
  readonly user: string | null;
  readonly host: string | null;
  readonly directory: string | null;
  /** What follows the prompt; empty where nothing was typed. */
  readonly command: string;
  /** `$ ` or `# ` alone: too common in output to be believed without a reason. */
  readonly bare: boolean;
}

/** Longest beginning of a line in which a prompt ends. */
const LONGEST_PROMPT = 512;

/** `[ec2-user@ip-192-0-2-1 ~]$ `, Amazon Linux and Red Hat. */
const BRACKETED = /^(?:\([\w.-]{1,64}\) )?\[([\w.-]{1,64})@([\w.-]{1,255}) ([^\]]{0,256})\][$#] ?/;
/** `root@ip-192-0-2-1:/home/ssm-user# `, Debian and Ubuntu. */
const COLON = /^(?:\([\w.-]{1,64}\) )?([\w.-]{1,64})@([\w.-]{1,255}):([^$#]{0,256}?)[$#] /;
/** `sh-4.2$ `, what Session Manager starts on Linux unless told otherwise. */
const VERSIONED = /^(?:sh|bash|ash|dash|ksh|zsh)-\d+(?:\.\d+){0,3}\w{0,8}[$#] ?/;
/** `PS C:\Windows\system32> `, what it starts on Windows. */
const POWERSHELL = /^PS ([A-Za-z]:\\[^>]{0,256}|\/[^>]{0,256}|[A-Za-z]+:)> ?/;
const CMD = /^([A-Za-z]:\\[^>]{0,256})>/;
const BARE = /^[$#] (?=\S)/;

/** The prompt that a line begins with, or null. */
export function promptOf(line: string): Prompt | null {
  const head = line.slice(0, LONGEST_PROMPT);
  const named = BRACKETED.exec(head) ?? COLON.exec(head);
  if (named !== null) return prompt(line, named[0], named[1]!, named[2]!, named[3]!);
  const versioned = VERSIONED.exec(head);
  if (versioned !== null) return prompt(line, versioned[0], null, null, null);
  const windows = POWERSHELL.exec(head) ?? CMD.exec(head);
  if (windows !== null) return prompt(line, windows[0], null, null, windows[1]!);
  const bare = BARE.exec(head);
  return bare === null ? null : { ...prompt(line, bare[0], null, null, null), bare: true };
}

function prompt(
  line: string,
  said: string,
  user: string | null,
  host: string | null,
  directory: string | null,
): Prompt {
  return { user, host, directory, command: line.slice(said.length).trim(), bare: false };
}
