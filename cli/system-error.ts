/** What the operating system refused, as a sentence with a way out. */

/** By `code` of Node's system errors. */
const REFUSALS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there, nor perhaps the folder it should lie in; make the folder, or name another place',
  ENOTDIR: 'leads through something that is no folder; name another place',
  EISDIR: 'is a folder, where a file is wanted; name a file',
  EEXIST: 'exists already and is in the way; name another place, or move it',
  EACCES: 'may not be opened by this account; change its permissions, or use another account',
  EPERM: 'may not be changed by this account; change its permissions, or use another account',
  EROFS: 'lies on a file system that is read-only; name another place',
  ENOSPC: 'found no more room on the disk; make some, and run it again: what was done is kept',
  EMFILE: 'is one open file too many for this process; raise `ulimit -n`',
  ENAMETOOLONG: 'has a name that is too long; choose a shorter one',
};

/** Null for errors that are not the system's, or that no sentence is known for. */
export function systemRefusal(error: unknown): { readonly code: string; readonly message: string } | null {
  if (!(error instanceof Error)) return null;
  const { code = '', path, dest } = error as NodeJS.ErrnoException & { readonly dest?: string };
  const refusal = Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  if (refusal === undefined) return null;
  const place = dest ?? path;
  return { code, message: `${place === undefined ? 'A file' : JSON.stringify(place)} ${refusal}.` };
}
