import type { Source } from '../contract.ts';
import { crosswalk, nativeFields } from './crosswalk.ts';
import { normalise } from './normalise.ts';
import { recognise, roleOfKey } from './recognise.ts';
import { records } from './records.ts';

export const k8sAudit: Source = {
  id: 'k8s.audit',
  title: 'Kubernetes audit events',
  cloud: null,
  formatReference: 'https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/',
  // "Within a few minutes", says AWS of EKS; an API server's own log file has no delay.
  delay: {
    minutes: 5,
    reference: 'https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html',
  },
  table: 'events',
  delivery: [{ kind: 'objects', role: roleOfKey }],
  recognise,
  records,
  normalise,
  crosswalk,
  nativeFields,
};
