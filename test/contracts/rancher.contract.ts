// What Rancher promises to its adapter. One suite, whichever Rancher it is.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKube } from '../../broker/src/clusters/io/index.ts';
import { findRancherCluster, openRancherSession, type RancherLogin, readRancher, scaleRancher } from '../../broker/src/clusters/io/managers/rancher.ts';

export type RancherUnderTest = {
  readonly login: RancherLogin;
  /** As Rancher names it; it has an authorized cluster endpoint, and one pool of workers only. */
  readonly cluster: string;
  readonly allowed: readonly string[];
  /** Nodes may come and go for the test. */
  readonly mayScale: boolean;
  close(): Promise<void>;
};

const later = { timeout: 20 * 60_000, interval: 1_000 };

export function rancherContract(what: string, open: () => Promise<RancherUnderTest>): void {
  describe(`Rancher: ${what}`, { timeout: 25 * 60_000 }, () => {
    let sut: RancherUnderTest;
    let id: string;
    beforeAll(async () => {
      sut = await open();
      id = await findRancherCluster(sut.login, sut.cluster, sut.allowed);
    });
    afterAll(() => sut?.close());
    const session = () => openRancherSession(sut.login, id, { allowed: sut.allowed, now: Date.now() });
    const read = () => readRancher(sut.login, id, sut.allowed, {});
    const worker = async () => (await read()).pools.find(({ fixed }) => fixed === null);

    it('finds a cluster by its name and by its identifier', async () => {
      expect(id).toMatch(/^c-/);
      expect(await findRancherCluster(sut.login, id, sut.allowed)).toBe(id);
    });

    it('names the clusters that there are when it is asked for another', async () => {
      await expect(findRancherCluster(sut.login, 'no-such-cluster', sut.allowed)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining(sut.cluster) as string,
      });
    });

    it('does not let in who has no token of it, and the token is nowhere in what is said', async () => {
      const token = 'token-zzzzz:thisisnotatokenofanybodyatall';
      const refusal = findRancherCluster({ ...sut.login, token }, sut.cluster, sut.allowed);
      await expect(refusal).rejects.toMatchObject({ code: 'MANAGER_UNAUTHORIZED', message: expect.not.stringContaining('thisisnotatoken') as string });
    });

    it('leads to the API server of the cluster itself, and its token is void when it was taken back', async () => {
      const { access, end } = await session();
      expect(new URL(access.server).host).not.toBe(new URL(sut.login.url).host);
      const { server, ca, credential } = access;
      if (credential.kind !== 'token') throw new Error('Rancher gives tokens');
      const kube = connectKube({ cluster: 'direct', server, ca, credential: { kind: 'token', token: () => credential.token }, allowedAddresses: sut.allowed });
      const namespace = () => kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' });
      try {
        expect((await namespace())?.metadata.uid).toBeDefined();
        await end();
        await expect.poll(() => namespace().catch((error: unknown) => error), later).toMatchObject({ code: 'CLUSTER_UNAUTHORIZED' });
      } finally {
        await kube.close();
      }
    });

    it('shows pools and nodes, and that the control plane is not to be scaled', async () => {
      const { pools, nodes } = await read();
      expect(nodes.length).toBeGreaterThan(0);
      expect(pools.filter(({ fixed }) => fixed === null)).toHaveLength(1);
      expect(pools.every(({ name, wanted }) => name !== '' && wanted >= 0)).toBe(true);
    });

    it('changes nothing when a pool is set to what it is', async () => {
      const pool = await worker();
      expect(await scaleRancher(sut.login, id, pool?.key ?? '', pool?.wanted ?? 0, sut.allowed, {})).toBe(true);
      expect(await worker()).toEqual(pool);
    });

    it('makes a node, and takes one away again', async ({ skip }) => {
      if (!sut.mayScale) return skip();
      const pool = await worker();
      const before = (await read()).nodes.length;
      const set = (nodes: number) => scaleRancher(sut.login, id, pool?.key ?? '', nodes, sut.allowed, {});
      await set((pool?.wanted ?? 0) + 1);
      await expect.poll(async () => (await read()).nodes.filter(({ ready }) => ready).length, later).toBe(before + 1);
      await set(pool?.wanted ?? 0);
      await expect.poll(async () => (await read()).nodes.length, later).toBe(before);
    });
  });
}
