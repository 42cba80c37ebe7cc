/** A time-stamping authority: OpenSSL's, behind HTTP. */

import { Pki, serve } from '../../test/ledger/timestamps/parts/openssl.ts';

export interface Authority {
  readonly url: string;
  /** Its root certificate, PEM. */
  readonly roots: string;
  stop(): Promise<void>;
}

export async function startAuthority(): Promise<Authority> {
  const pki = new Pki().standard();
  const server = await serve((request) => ({ body: pki.reply(request) }));
  return {
    url: server.url,
    roots: pki.read('root.pem').toString(),
    async stop() {
      await server.close();
      pki.close();
    },
  };
}
