/** Column ← field of the virtual network flow log; tuple fields by their place, counted from 1; after them columns of NTANetAnalytics. */
export const crosswalk = {
  time: 'tuple field 1, milliseconds (seconds in some exports); FlowStartTime',
  end_time: 'FlowEndTime',
  account: 'targetResourceID: subscription; FlowLogResourceId, SrcSubscription or DestSubscription',
  region: 'SrcRegion of what goes out, DestRegion of what comes in',
  vpc: 'targetResourceID: virtual network; TargetResourceId of a VirtualNetwork',
  subnet: 'targetResourceID, when it is a subnet; SrcSubnet or DestSubnet',
  interface: 'macAddress; MacAddress, else SrcNic or DestNic',
  instance: 'targetResourceID: machine of a scale set; SrcVm or DestVm',
  direction: 'tuple field 7: I ingress, O egress; FlowDirection',
  src_ip: 'tuple field 2; SrcIp, else an address of SrcPublicIps',
  src_port: 'tuple field 4',
  dst_ip: 'tuple field 3; DestIp, else an address of DestPublicIps',
  dst_port: 'tuple field 5; DestPort',
  protocol: 'tuple field 6; L4Protocol',
  action: 'tuple field 8: D reject; B, C, E accept; FlowStatus',
  flow_state: 'tuple field 8: B begin, C continue, E end',
  traffic_path: 'tuple field 9: X encrypted, NX… not, and why; FlowEncryption, else ConnectionType',
  src_service: 'SrcServiceName',
  dst_service: 'DestServiceName',
  packets_out:
    'tuple field 10: packets from source to destination; PacketsSrcToDest, or the listed address’s own',
  bytes_out: 'tuple field 11: bytes from source to destination; BytesSrcToDest',
  packets_in: 'tuple field 12: packets from destination to source; PacketsDestToSrc',
  bytes_in: 'tuple field 13: bytes from destination to source; BytesDestToSrc',
  packets: 'tuple fields 10 + 12, and their like',
  bytes: 'tuple fields 11 + 13, and their like',
  rule: 'rule; AclRule',
  extra:
    'aclID; targetResourceID; flowLogResourceID; flowLogGUID; flowLogVersion; all other columns of NTANetAnalytics',
} as const;

/** Fields of a tuple, in its order. */
export const nativeFields = [
  'timeStamp',
  'sourceIP',
  'destinationIP',
  'sourcePort',
  'destinationPort',
  'protocol',
  'flowDirection',
  'flowState',
  'flowEncryption',
  'packetsSent',
  'bytesSent',
  'packetsReceived',
  'bytesReceived',
] as const;
