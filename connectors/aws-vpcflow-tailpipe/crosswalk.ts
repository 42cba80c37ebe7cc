/** Column ← column of aws_vpc_flow_log. */
export const crosswalk = {
  time: 'start_time',
  end_time: 'end_time',
  account: 'account_id',
  region: 'region',
  zone: 'az_id',
  vpc: 'vpc_id',
  subnet: 'subnet_id',
  interface: 'interface_id',
  instance: 'instance_id',
  direction: 'flow_direction',
  src_ip: 'src_addr',
  src_port: 'src_port',
  dst_ip: 'dst_addr',
  dst_port: 'dst_port',
  protocol: 'protocol',
  packets: 'packets',
  bytes: 'bytes',
  action: 'action',
  log_status: 'log_status',
  tcp_flags: 'tcp_flags',
  pkt_src_ip: 'pkt_src_addr',
  pkt_dst_ip: 'pkt_dst_addr',
  src_service: 'pkt_src_aws_service',
  dst_service: 'pkt_dst_aws_service',
  traffic_path: 'traffic_path',
  extra: 'every other column: type, sublocation_*, ecs_*, reject_reason',
} as const;

/** Rows show through `raw`, under Tailpipe's names. */
export const nativeFields: readonly string[] = [];
