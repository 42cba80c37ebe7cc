/** Column ← field of the NSG flow log; tuple fields by their place, counted from 1. */
export const crosswalk = {
  time: 'tuple field 1, seconds (milliseconds in some exports)',
  account: 'resourceId: subscription',
  interface: 'mac; macAddress',
  direction: 'tuple field 7: I ingress, O egress',
  src_ip: 'tuple field 2',
  src_port: 'tuple field 4',
  dst_ip: 'tuple field 3',
  dst_port: 'tuple field 5',
  protocol: 'tuple field 6: T 6, U 17',
  action: 'tuple field 8: A accept, D reject',
  flow_state: 'tuple field 9 (version 2): B begin, C continue, E end',
  packets_out: 'tuple field 10 (version 2): packets from source to destination',
  bytes_out: 'tuple field 11 (version 2): bytes from source to destination',
  packets_in: 'tuple field 12 (version 2): packets from destination to source',
  bytes_in: 'tuple field 13 (version 2): bytes from destination to source',
  packets: 'tuple fields 10 + 12',
  bytes: 'tuple fields 11 + 13',
  rule: 'rule',
  extra: 'resourceId as networkSecurityGroup; systemId; properties.Version',
} as const;

/** Fields of a tuple, in its order. */
export const nativeFields = [
  'timeStamp',
  'sourceAddress',
  'destinationAddress',
  'sourcePort',
  'destinationPort',
  'protocol',
  'trafficFlow',
  'trafficDecision',
  'flowState',
  'packetsSourceToDestination',
  'bytesSourceToDestination',
  'packetsDestinationToSource',
  'bytesDestinationToSource',
] as const;
