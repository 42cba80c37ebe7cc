/** The bytes of an AWS answer as they came off the wire, beside what the SDK makes of them. */

interface Wire {
  response: unknown;
}

interface Stack {
  add(
    middleware: (next: (args: never) => Promise<Wire>) => (args: never) => Promise<Wire>,
    options: { step: 'deserialize'; priority: 'low'; name: string },
  ): void;
}

/**
 * From now on `last()` gives the body of the newest answer that the client read. One request at a time: whoever shares
 * the client between requests under way cannot tell whose it is.
 */
export function keepExactBytes(client: { readonly middlewareStack: unknown }): { last(): Uint8Array } {
  let bytes: Uint8Array = new Uint8Array();
  (client.middlewareStack as Stack).add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { body?: AsyncIterable<Uint8Array> | Uint8Array };
      const parts: Uint8Array[] = [];
      if (response.body instanceof Uint8Array) parts.push(response.body);
      else if (response.body !== undefined) for await (const part of response.body) parts.push(part);
      bytes = Buffer.concat(parts);
      // The SDK reads the same bytes again, from memory.
      response.body = bytes;
      return result;
    },
    // Nearest to the wire: before anything has decoded the body.
    { step: 'deserialize', priority: 'low', name: 'akashiExactBytes' },
  );
  return { last: () => bytes };
}
