/** Athena's API in this process: takes statements, answers each with the same rows, and remembers what it was asked. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class AthenaDouble {
  readonly statements: {
    QueryString: string;
    WorkGroup: string;
    QueryExecutionContext: { Database: string };
  }[] = [];
  /** What a statement is refused with; null while it is answered. */
  failure: string | null = null;
  /** Called as a statement is started. */
  onStart: () => void = () => {};
  readonly #server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const action = String(request.headers['x-amz-target']).split('.').at(-1)!;
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify(this.#answer(action, JSON.parse(Buffer.concat(pieces).toString()))));
    });
  });

  #answer(action: string, input: unknown): object {
    switch (action) {
      case 'StartQueryExecution':
        this.onStart();
        this.statements.push(input as AthenaDouble['statements'][number]);
        return { QueryExecutionId: `q-${this.statements.length}` };
      case 'GetQueryExecution':
        return {
          QueryExecution: {
            Status:
              this.failure === null
                ? { State: 'SUCCEEDED' }
                : { State: 'FAILED', StateChangeReason: this.failure },
            Statistics: { DataScannedInBytes: 1_000_000_000_000 },
          },
        };
      case 'GetQueryResults':
        return {
          ResultSet: {
            ResultSetMetadata: { ColumnInfo: [{ Name: 'n', Type: 'bigint' }] },
            Rows: ['n', '42', '43'].map((text) => ({ Data: [{ VarCharValue: text }] })),
          },
        };
      default:
        return {};
    }
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    process.env['AWS_ENDPOINT_URL_ATHENA'] =
      `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
