/** Column ← field of the log entry, as Google writes it; `side` is src or dest, whichever reported. */
export const crosswalk = {
  time: 'jsonPayload.start_time; timestamp',
  end_time: 'jsonPayload.end_time',
  uid: 'insertId',
  identity: 'logName, timestamp and insertId together',
  account: 'resource.labels.project_id; jsonPayload.<side>_vpc.project_id',
  region:
    'jsonPayload.<side>_instance.region; <side>_vpc.subnetwork_region; <side>_gateway.location; resource.labels.location',
  zone: 'jsonPayload.<side>_instance.zone; resource.labels.location',
  vpc: 'jsonPayload.<side>_vpc.vpc_name',
  subnet: 'jsonPayload.<side>_vpc.subnetwork_name; resource.labels.subnetwork_name',
  instance: 'jsonPayload.<side>_instance.vm_name',
  direction: 'jsonPayload.reporter',
  src_ip: 'jsonPayload.connection.src_ip',
  src_port: 'jsonPayload.connection.src_port',
  dst_ip: 'jsonPayload.connection.dest_ip',
  dst_port: 'jsonPayload.connection.dest_port',
  protocol: 'jsonPayload.connection.protocol',
  packets: 'jsonPayload.packets_sent',
  bytes: 'jsonPayload.bytes_sent',
  packets_out: 'jsonPayload.packets_sent',
  bytes_out: 'jsonPayload.bytes_sent',
  src_service: 'jsonPayload.src_google_service.service_name or type',
  dst_service: 'jsonPayload.dest_google_service.service_name or type',
  extra: 'every other member of jsonPayload',
} as const;

export const nativeFields = [
  'logName',
  'insertId',
  'timestamp',
  'receiveTimestamp',
  'resource',
  'labels',
  'jsonPayload',
] as const;
