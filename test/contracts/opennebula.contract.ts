// What OpenNebula promises to its adapter: oned by XML-RPC, and OneKS where it runs. One suite, whichever OpenNebula it is.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  callOne,
  endOneToken,
  findOneCluster,
  hostsOf,
  type OneLogin,
  openOneSession,
  probeOne,
  readOne,
  scaleOne,
  tradeOneAuth,
} from '../../broker/src/clusters/io/managers/opennebula.ts';

export type OpennebulaUnderTest = {
  /** A user that is no administrator. `oneks` null: only oned is tried. */
  readonly login: OneLogin;
  readonly allowed: readonly string[];
  /** As OneKS names it, with one node group; '' without OneKS. */
  readonly cluster: string;
  readonly mayScale: boolean;
  close(): Promise<void>;
};

const later = { timeout: 20 * 60_000, interval: 1_000 };

export function opennebulaContract(what: string, open: () => Promise<OpennebulaUnderTest>): void {
  describe(`OpenNebula: ${what}`, { timeout: 25 * 60_000 }, () => {
    let sut: OpennebulaUnderTest;
    beforeAll(async () => {
      sut = await open();
    });
    afterAll(() => sut?.close());
    const call = (method: string, ...values: (string | number | boolean)[]) => callOne(sut.login, method, values, sut.allowed);

    it('tells its version and who asks', async () => {
      expect(await call('one.system.version')).toMatch(/^\d+\.\d+/);
      const { version, user, group } = await probeOne(sut.login, sut.allowed);
      expect([version, user, group].every((word) => word !== '')).toBe(true);
      expect(sut.login.auth.startsWith(`${user}:`)).toBe(true);
    });

    it('refuses another password without repeating it', async () => {
      const auth = `${sut.login.auth.split(':')[0] ?? ''}:not-the-password-at-all`;
      await expect(probeOne({ ...sut.login, auth }, sut.allowed)).rejects.toMatchObject({
        code: 'MANAGER_UNAUTHORIZED',
        message: expect.not.stringContaining('not-the-password') as string,
      });
    });

    it('says what it does not have, as a failure with a reason', async () => {
      await expect(call('one.vm.info', 2_000_000_000, false)).rejects.toMatchObject({
        code: 'MANAGER_REJECTED',
        message: expect.stringContaining('one.vm.info') as string,
      });
      const user = sut.login.auth.slice(0, sut.login.auth.indexOf(':'));
      await expect(call('one.user.login', user, 'never-given-out', 0, -1)).rejects.toMatchObject({ code: 'MANAGER_REJECTED' });
    });

    it('gives a token in place of the password, which works until it is ended', async () => {
      const auth = await tradeOneAuth(sut.login, sut.allowed, {});
      expect(auth).not.toBe(sut.login.auth);
      const login = { ...sut.login, auth };
      expect((await probeOne(login, sut.allowed)).user).toBe(auth.split(':')[0]);
      await endOneToken(login, sut.allowed, {});
      await expect(probeOne(login, sut.allowed)).rejects.toMatchObject({ code: 'MANAGER_UNAUTHORIZED' });
    });

    it('tells of hosts in sums, or nothing to who may not see them', async () => {
      expect(await hostsOf(sut.login, sut.allowed)).toMatch(/^$|^\d+ hosts? that it may use ha(s|ve) \d+ cores and \d+ GiB left$/);
    });

    describe('OneKS', () => {
      const id = () => findOneCluster(sut.login, sut.cluster, sut.allowed);
      const read = async () => readOne(sut.login, await id(), sut.allowed, {});
      const only = async () => (await read()).pools[0];

      it('finds a cluster by its name and by its number, and names those that there are', async ({ skip }) => {
        if (sut.login.oneks === null) return skip();
        expect(await findOneCluster(sut.login, await id(), sut.allowed)).toBe(await id());
        await expect(findOneCluster(sut.login, 'no-such-cluster', sut.allowed)).rejects.toMatchObject({
          code: 'NOT_FOUND',
          message: expect.stringContaining(sut.cluster) as string,
        });
      });

      it('hands out a kubeconfig that can be taken', async ({ skip }) => {
        if (sut.login.oneks === null) return skip();
        const { access } = await openOneSession(sut.login, await id(), { allowed: sut.allowed, now: Date.now() });
        expect(access.server).toMatch(/^https:/);
      });

      it('shows node groups with their machines', async ({ skip }) => {
        if (sut.login.oneks === null) return skip();
        const { pools, nodes } = await read();
        expect(pools).toHaveLength(1);
        expect(nodes).toHaveLength(pools[0]?.wanted ?? -1);
        expect(nodes.every(({ name }) => name !== '')).toBe(true);
      });

      it('changes nothing when a group is set to what it is', async ({ skip }) => {
        if (sut.login.oneks === null) return skip();
        const pool = await only();
        expect(await scaleOne(sut.login, await id(), pool?.key ?? '', pool?.wanted ?? 0, sut.allowed, {})).toBe(true);
        expect(await only()).toEqual(pool);
      });

      it('makes a node, takes no other size meanwhile, and takes one away again', async ({ skip }) => {
        if (sut.login.oneks === null || !sut.mayScale) return skip();
        const pool = await only();
        const cluster = await id();
        const before = (await read()).nodes.length;
        const set = (nodes: number) => scaleOne(sut.login, cluster, pool?.key ?? '', nodes, sut.allowed, {});
        expect(await set((pool?.wanted ?? 0) + 1)).toBe(true);
        expect(await set((pool?.wanted ?? 0) + 2)).toBe(false);
        await expect.poll(async () => (await read()).nodes.filter(({ ready }) => ready).length, later).toBe(before + 1);
        await expect.poll(() => set(pool?.wanted ?? 0), later).toBe(true);
        await expect.poll(async () => (await read()).nodes.length, later).toBe(before);
      });
    });
  });
}
