import type { BodySample, Recognition } from '../contract.ts';
import { recogniseOnly, roleByKey } from '../parts/azure-recognise.ts';

/** Container of https://learn.microsoft.com/en-us/entra/identity/monitoring-health/howto-archive-logs-to-storage-account */
export const roleOfKey = roleByKey(/(?:insights-logs|am)-auditlogs\/.*\.json(?:\.gz)?$/i);

export function recognise(sample: BodySample): Recognition | null {
  return recogniseOnly('audit', sample, roleOfKey(sample.path) === 'records');
}
