import type { BodySample, Recognition } from '../contract.ts';
import { recogniseOnly, roleByKey } from '../parts/azure-recognise.ts';

/** Containers of https://learn.microsoft.com/en-us/entra/identity/monitoring-health/howto-archive-logs-to-storage-account */
export const roleOfKey = roleByKey(/(?:insights-logs|am)-\w*signinlogs\/.*\.json(?:\.gz)?$/i);

export function recognise(sample: BodySample): Recognition | null {
  return recogniseOnly('signin', sample, roleOfKey(sample.path) === 'records');
}
