/** What saved questions are about, in the order in which they are listed. */
export const GROUPS = {
  who: 'Who did what',
  'sign-in': 'Signing in',
  identity: 'Identities, keys and permissions',
  logging: 'Logging and detection tampered with',
  exposure: 'Things opened to others',
  data: 'Data read, moved and destroyed',
  network: 'Network traffic',
  commands: "Operators' commands",
  'cross-cloud': 'Across clouds',
  operations: 'The lake itself',
} as const;

export type GroupName = keyof typeof GROUPS;
