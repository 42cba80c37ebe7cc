/** What a responder searches for across records, and where a record has it. */

import { attributeAt, OCSF_CLASSES } from './model.ts';

export interface Observed {
  /** The path as OCSF writes it. */
  readonly name: string;
  readonly path: readonly string[];
  /** OCSF's number of the kind of observable. */
  readonly typeId: number;
}

const HOSTNAME = 1;
const IP_ADDRESS = 2;
const USER_NAME = 4;
const COMMAND_LINE = 13;
const USER_AGENT = 16;

export const OBSERVED: readonly Observed[] = (
  [
    ['src_endpoint.ip', IP_ADDRESS],
    ['dst_endpoint.ip', IP_ADDRESS],
    ['src_endpoint.hostname', HOSTNAME],
    ['dst_endpoint.hostname', HOSTNAME],
    ['device.hostname', HOSTNAME],
    ['actor.user.name', USER_NAME],
    ['user.name', USER_NAME],
    ['process.cmd_line', COMMAND_LINE],
    ['http_request.user_agent', USER_AGENT],
  ] as const
).map(([name, typeId]) => ({ name, path: name.split('.'), typeId }));

/** Those a class can have. */
export const observedIn = (className: string): readonly Observed[] =>
  OBSERVED.filter(({ name }) => attributeAt(OCSF_CLASSES.get(className)!, name) !== undefined);
