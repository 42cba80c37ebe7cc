/** How far a feed has been pulled, and what of it is not sealed yet. */

import type { FetchedWindow } from '../connectors/delivery/feed.ts';
import { AkashiError } from '../schema/error.ts';
import { cursorKey } from '../vault/keys.ts';
import type { StateStore } from '../vault/store.ts';

const FORMAT = 1;
/** Copies remembered, the newest: each costs a fetch when forgotten, and nothing else. */
const MOST_COPIES = 20_000;

export interface Progress {
  /** The feed's own; null before its first mark. */
  readonly cursor: unknown;
  /** Windows fetched whole and not yet on record as coverage. */
  readonly windows: readonly FetchedWindow[];
  /** Origin and version of objects whose bytes the lake held under another origin, so that they are not fetched again. */
  readonly copies: readonly string[];
}

const START: Progress = { cursor: null, windows: [], copies: [] };

/** A feed's cursor in the state store. */
export class FeedCursor {
  readonly #state: StateStore;
  readonly #key: string;
  readonly #place: string | null;
  #version: string | null = null;
  #progress: Progress = START;

  constructor(state: StateStore, name: string, place: string | null) {
    this.#state = state;
    this.#key = cursorKey(name);
    this.#place = place;
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Throws CURSOR_DAMAGED, CURSOR_NEWER, and CURSOR_PLACE when it was written at another place than the one configured. */
  async load(): Promise<void> {
    if ((await this.#state.stat(this.#key)) === null) return;
    const { body, version } = await this.#state.get(this.#key);
    let value: Partial<Progress & { format: number; place: string | null }>;
    try {
      value = JSON.parse(Buffer.from(body).toString('utf8'));
      if (!Array.isArray(value.windows) || !Array.isArray(value.copies) || typeof value.format !== 'number')
        throw new TypeError('format, windows or copies is missing');
    } catch (cause) {
      throw new AkashiError(
        'CURSOR_DAMAGED',
        `${this.#key} cannot be read: ${(cause as Error).message}. Remove it to begin anew: what is held is not fetched twice.`,
        { cause },
      );
    }
    const { format, place = null, cursor = null, windows, copies } = value;
    if (format > FORMAT)
      throw new AkashiError(
        'CURSOR_NEWER',
        `${this.#key} has format ${format}; this version reads up to ${FORMAT}.`,
      );
    if (place !== this.#place)
      throw new AkashiError(
        'CURSOR_PLACE',
        `${this.#key} tells how far ${JSON.stringify(place)} was pulled, and now ${JSON.stringify(this.#place)} is asked for. ` +
          'Give the new place a name of its own.',
      );
    this.#version = version;
    this.#progress = { cursor, windows, copies };
  }

  /** Throws STORE_CHANGED when another pull of the same feed was faster: nothing is lost, some of it is fetched twice. */
  async save(change: Partial<Progress>): Promise<void> {
    const next = { ...this.#progress, ...change };
    const kept = { ...next, copies: next.copies.slice(-MOST_COPIES) };
    const text = `${JSON.stringify({ format: FORMAT, place: this.#place, ...kept })}\n`;
    this.#version = await this.#state.putIfUnchanged(this.#key, Buffer.from(text), this.#version);
    this.#progress = kept;
  }
}
