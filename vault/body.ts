import { hashBytes } from './durable-file.ts';
import type { Body } from './store.ts';

/** Bytes of a body. */
export const sizeOf = (body: Body): number => (body instanceof Uint8Array ? body.length : body.size);

/** SHA-256 of a body, as announced where it lies in a file; 64 hex digits. */
export const hashOf = (body: Body): string => (body instanceof Uint8Array ? hashBytes(body) : body.sha256);
