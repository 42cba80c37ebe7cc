/** For each way of delivery, what grants the reading of it: the exact permission, and the command or template for it. */

import type { Place } from './subject.ts';

type Remedy = (entry: Readonly<Record<string, unknown>>, source: string) => string;

const AZURE = '`akashi connect azure` writes the role assignment;';
const GCP = '`akashi connect gcp` writes the binding;';

const REMEDIES: Readonly<Record<string, Remedy>> = {
  bucket: ({ bucket }) =>
    `Allow the reader s3:ListBucket on arn:aws:s3:::${bucket} and s3:GetObject on arn:aws:s3:::${bucket}/*, and kms:Decrypt on its key where it has one; in the bucket's own policy too where it is another account's.`,
  queue: ({ queue }) =>
    `Allow the reader sqs:GetQueueAttributes, sqs:ReceiveMessage and sqs:DeleteMessage on ${queue}, and s3:GetObject on what it tells of.`,
  'lookup-events': () => 'Allow the reader cloudtrail:LookupEvents on *.',
  'log-group': ({ logGroup, region, account }) =>
    `Allow the reader logs:FilterLogEvents on arn:aws:logs:${region}:${account ?? '<account>'}:log-group:${logGroup}:*.`,
  workspace: ({ workspace }) =>
    `${AZURE} by hand: az role assignment create --assignee <application> --role "Log Analytics Reader" --scope <resource id of workspace ${workspace}>.`,
  blobs: ({ url }) =>
    `${AZURE} by hand: az role assignment create --assignee <application> --role "Storage Blob Data Reader" --scope <resource id of ${url}>. Check its firewall too.`,
  api: ({ subscriptions }) =>
    `${AZURE} by hand, for each of ${listed(subscriptions)}: az role assignment create --assignee <application> --role "Monitoring Reader" --scope /subscriptions/<id>.`,
  entries: ({ resources }, source) =>
    `${GCP} by hand, for each of ${listed(resources)}: gcloud <projects|organizations> add-iam-policy-binding <id> --member serviceAccount:<reader> --role ${source === 'gcp.audit' ? 'roles/logging.privateLogViewer' : 'roles/logging.viewer'} --condition None.`,
  sink: ({ bucket }) =>
    `${GCP} by hand: gcloud storage buckets add-iam-policy-binding gs://${bucket} --member serviceAccount:<reader> --role roles/storage.objectViewer.`,
};

const listed = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value));

export const remedyFor = ({ feed, entry }: Place): string =>
  REMEDIES[feed.delivery]?.(entry, feed.source) ?? 'Check the permissions in docs/pull.md.';
