// The members of a running demo as their administrators see them.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { connectKube, type KubeConnection } from '../../broker/src/clusters/io/index.ts';
import type { DemoProgram } from './demoProgram.ts';

/** As the simulator writes it. */
const kubeconfig = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) })]),
  users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]),
});

export function demoAdmin(demo: DemoProgram, name: string): KubeConnection {
  const member = demo.simulator().members.find((each) => each.name === name);
  if (!member) throw new Error(`${name} is not a member of the demo`);
  const {
    clusters: [{ cluster }],
    users: [{ user }],
  } = kubeconfig.parse(JSON.parse(readFileSync(member.kubeconfig, 'utf8')));
  return connectKube({
    cluster: name,
    server: cluster.server,
    ca: Buffer.from(cluster['certificate-authority-data'], 'base64').toString('utf8'),
    credential: { kind: 'token', token: () => user.token },
    allowedAddresses: [new URL(cluster.server).host],
  });
}
