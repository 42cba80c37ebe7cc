/** A certificate for this machine's loopback that vouches for itself. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  /** Paths of PEM files. */
  readonly key: string;
  readonly certificates: string;
}

/** Made in the folder unless it is there already. */
export function selfSigned(folder: string): Certificate {
  const made = { key: join(folder, 'key.pem'), certificates: join(folder, 'cert.pem') };
  if (existsSync(made.certificates)) return made;
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'];
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', made.key, '-out', made.certificates];
  execFileSync('openssl', [...words, ...names, ...files], { stdio: 'ignore' });
  return made;
}
