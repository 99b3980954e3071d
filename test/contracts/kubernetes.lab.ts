// The laboratory's clusters as systems to try.
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { ConnectOptions } from '../../broker/src/clusters/io/kubernetes/client.ts';

const folder = process.env['HANSE_LAB'] ?? '/run/hanse-lab';
const path = (cluster: string): string => `${folder}/${cluster}/admin.kubeconfig`;

/** null, with the reason printed once: the laboratory does not run here. */
export const labKubeconfig = (cluster: string): string | null => {
  if (existsSync(path(cluster))) return readFileSync(path(cluster), 'utf8');
  console.log(`skipped: there is no cluster "${cluster}" in ${folder} (set HANSE_LAB to the folder of a running laboratory)`);
  return null;
};

type Kubeconfig = {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
};
const decoded = (text: string): string => Buffer.from(text, 'base64').toString('utf8');

export const labOptions = (kubeconfig: string): Omit<ConnectOptions, 'cluster'> => {
  const { clusters, users } = parse(kubeconfig) as Kubeconfig;
  const [{ cluster }] = clusters;
  const [{ user }] = users;
  return {
    server: cluster.server,
    ca: decoded(cluster['certificate-authority-data']),
    credential: { kind: 'certificate', cert: decoded(user['client-certificate-data']), key: decoded(user['client-key-data']) },
    allowedAddresses: ['10.100.0.0/16'],
  };
};
