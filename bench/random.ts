/** Seeded randomness: the same seed gives the same data on every machine. */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, n). */
  below(n: number): number;
  /** One of the items, earlier ones far more often (roughly Zipf), as in real logs. */
  skewed<T>(items: readonly T[]): T;
  hex(digits: number): string;
}

/** sfc32 (Chris Doty-Humphrey, public domain): 128 bits of state, so that streams of different seeds never meet. */
export function random(seed: number): Random {
  let a = seed >>> 0;
  let b = 0x9e3779b9;
  let c = 0x243f6a88;
  let counter = 1;
  const word = () => {
    const result = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + result) >>> 0;
    return result;
  };
  // The first words still resemble the seed.
  for (let i = 0; i < 12; i++) word();
  const next = () => word() / 4_294_967_296;
  const below = (n: number) => Math.floor(next() * n);
  return {
    next,
    below,
    skewed: (items) => items[Math.floor(next() ** 3 * items.length)]!,
    hex(digits) {
      let text = '';
      while (text.length < digits)
        text += Math.floor(next() * 4_294_967_296)
          .toString(16)
          .padStart(8, '0');
      return text.slice(0, digits);
    },
  };
}
