/** Colours by meaning, for light and dark. Text on its ground has a contrast of at least 4.5 (WCAG 2.2, 1.4.3), bars one of 3. */

/** What a chart's bar or mark may be filled with. */
export const SERIES_FILLS = ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7'] as const;
export type ColourName =
  | (typeof SERIES_FILLS)[number]
  | 'ink'
  | 'muted'
  | 'line'
  | 'ground'
  | 'panel'
  | 'accent'
  | 'good'
  | 'warn'
  | 'bad'
  | 'quiet'
  | 'good-ground'
  | 'warn-ground'
  | 'bad-ground'
  | 'quiet-ground';

export const LIGHT: Readonly<Record<ColourName, string>> = {
  ink: '#18202c',
  muted: '#566072',
  line: '#d8dde6',
  ground: '#ffffff',
  panel: '#f5f7fa',
  accent: '#1d4ed0',
  good: '#16693f',
  warn: '#885400',
  bad: '#b3261e',
  quiet: '#566072',
  'good-ground': '#e2f4ea',
  'warn-ground': '#fcf0d8',
  'bad-ground': '#fce8e6',
  'quiet-ground': '#edf0f4',
  s0: '#2d5bd0',
  s1: '#d97a0b',
  s2: '#128a79',
  s3: '#9a45ad',
  s4: '#b08a00',
  s5: '#3f93d6',
  s6: '#8a624a',
  s7: '#7a8496',
};

export const DARK: Readonly<Record<ColourName, string>> = {
  ink: '#e7ebf2',
  muted: '#a3adbd',
  line: '#333c4b',
  ground: '#11161e',
  panel: '#1a212c',
  accent: '#8db2ff',
  good: '#6fd6a1',
  warn: '#f2bd5c',
  bad: '#ff9a90',
  quiet: '#a3adbd',
  'good-ground': '#14301f',
  'warn-ground': '#362808',
  'bad-ground': '#3d1a17',
  'quiet-ground': '#242c38',
  s0: '#7ea2ff',
  s1: '#f0a045',
  s2: '#3fc4b0',
  s3: '#cf8be0',
  s4: '#e0c04d',
  s5: '#7cc4f5',
  s6: '#c49a7f',
  s7: '#9aa5b8',
};
