/** One lane for each cloud and for what stands beside them. */

export const LANES = {
  aws: 'AWS',
  azure: 'Azure',
  gcp: 'Google Cloud',
  k8s: 'Kubernetes',
  host: 'Hosts',
  other: 'Other',
} as const;

export type Lane = keyof typeof LANES;
