/**
 * Ceph's S3 gateway, from Debian's packages: one monitor, one store in memory, one gateway, all on loopback and in one
 * folder. Without authentication among them, which needs `crc` as every mode: else the gateway never connects.
 */

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ACCESS_KEY,
  freePort,
  isInstalled,
  listening,
  run,
  SECRET_KEY,
  type ServerUnderTest,
} from './server.ts';

const PACKAGES = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common'];

export const ceph: ServerUnderTest = {
  dialect: 'ceph',
  install() {
    if (isInstalled('/usr/bin/radosgw', '/usr/bin/ceph-mon', '/usr/bin/ceph-osd', '/usr/bin/radosgw-admin'))
      return;
    const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], quiet);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...PACKAGES], quiet);
  },
  async start(folder) {
    const [monitorPort, port] = [await freePort(), await freePort()];
    const config = join(folder, 'ceph.conf');
    const fsid = randomUUID();
    for (const name of ['run', 'log', 'mon', 'osd', 'rgw']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'keyring'), '');
    writeFileSync(config, settings(folder, fsid, monitorPort, port));
    const monitorMap = join(folder, 'monmap');
    const started: string[] = [];
    const stop = async () => {
      for (const name of started.reverse()) endDaemon(join(folder, 'run', `${name}.pid`));
    };
    try {
      run('monmaptool', [
        '--create',
        '--clobber',
        '--fsid',
        fsid,
        '--addv',
        'a',
        `[v2:127.0.0.1:${monitorPort}]`,
        monitorMap,
      ]);
      run('ceph-mon', [
        '-c',
        config,
        '-i',
        'a',
        '--mkfs',
        '--monmap',
        monitorMap,
        '--keyring',
        join(folder, 'keyring'),
      ]);
      started.push('mon.a');
      run('ceph-mon', ['-c', config, '-i', 'a']);
      const uuid = randomUUID();
      const id = run('ceph', ['-c', config, 'osd', 'new', uuid]);
      run('ceph-osd', ['-c', config, '-i', id, '--mkfs', '--osd-uuid', uuid]);
      run('ceph', [
        '-c',
        config,
        'osd',
        'crush',
        'add',
        `osd.${id}`,
        '1.0',
        'host=localhost',
        'root=default',
      ]);
      started.push(`osd.${id}`);
      run('ceph-osd', ['-c', config, '-i', id]);
      await untilUp(config);
      started.push('client.rgw.a');
      run('radosgw', ['-c', config, '-n', 'client.rgw.a', '--no-mon-config']);
      await listening(port);
      run('radosgw-admin', [
        '-c',
        config,
        'user',
        'create',
        '--uid=test',
        '--display-name=test',
        `--access-key=${ACCESS_KEY}`,
        `--secret-key=${SECRET_KEY}`,
      ]);
    } catch (error) {
      await stop();
      throw error;
    }
    return { endpoint: `http://127.0.0.1:${port}`, stop };
  },
};

/** Each daemon goes into the background by itself, and writes its process id. */
function endDaemon(path: string): void {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 'SIGKILL');
  } catch {
    // It never came so far, or has ended.
  }
}

async function untilUp(config: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (/\b1 up\b/.test(run('ceph', ['-c', config, 'osd', 'stat']))) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('the object store of Ceph did not come up within a minute');
}

/** The two `paxos` lines take the start from 14 seconds to 2. */
const settings = (folder: string, fsid: string, monitorPort: number, port: number): string => `
[global]
fsid = ${fsid}
mon_host = [v2:127.0.0.1:${monitorPort}/0]
public_network = 127.0.0.0/8
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
ms_cluster_mode = crc
ms_service_mode = crc
ms_client_mode = crc
run_dir = ${folder}/run
admin_socket = ${folder}/run/$cluster-$name.asok
pid_file = ${folder}/run/$name.pid
log_file = ${folder}/log/$name.log
keyring = ${folder}/keyring
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
[mon]
mon_data = ${folder}/mon
mon_cluster_log_file = ${folder}/log/cluster.log
[osd]
osd_data = ${folder}/osd
osd_objectstore = memstore
memstore_device_bytes = 4294967296
[client]
rgw_frontends = beast endpoint=127.0.0.1:${port}
rgw_data = ${folder}/rgw
rgw_dns_name = localhost
`;
