import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const gcpAuditTailpipe: Source = {
  id: 'gcp.audit-tailpipe',
  title: 'Google Cloud Audit Logs out of Tailpipe',
  cloud: 'gcp',
  formatReference: 'https://hub.tailpipe.io/plugins/turbot/gcp/tables/gcp_audit_log',
  delay: { minutes: 180, reference: 'https://cloud.google.com/logging/docs/export/storage' },
  table: 'events',
  delivery: [{ kind: 'objects', role: roleOfKey }],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
  imported: {
    from: 'Tailpipe',
    held: 'what Tailpipe collected and kept of it; what it left out or dropped is not known',
  },
};
