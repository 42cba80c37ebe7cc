/** The mark on top of every page: 証 in bars, on a field 24 units wide, so that it needs no font. */

/** `[x, y, width, height]` */
export const BRAND_BARS: readonly (readonly [number, number, number, number])[] = [
  // 言
  [4.2, 3.4, 4.6, 1.5],
  [2.8, 6.2, 7.4, 1.5],
  [3.6, 9, 5.8, 1.5],
  [3.6, 11.8, 5.8, 1.5],
  [3.6, 14.6, 1.5, 6],
  [7.9, 14.6, 1.5, 6],
  [5.1, 14.6, 2.8, 1.4],
  [5.1, 19.2, 2.8, 1.4],
  // 正
  [12, 4, 9.4, 1.8],
  [16, 5.8, 1.8, 13],
  [12.6, 10.4, 1.7, 8.4],
  [17.8, 10.6, 3.4, 1.7],
  [11.4, 18.8, 10.2, 1.8],
];
