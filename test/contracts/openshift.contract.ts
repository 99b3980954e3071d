// What OpenShift promises to its adapter: signing in, taking the token back, and what it tells of itself. One suite, whichever OpenShift it is.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKube, type KubeConnection } from '../../broker/src/clusters/io/index.ts';
import { loginOpenshift, observeOpenshift, revokeOpenshift } from '../../broker/src/clusters/io/platforms/openshift.ts';

export type OpenshiftUnderTest = {
  readonly url: string;
  readonly ca: string;
  /** One that may read config.openshift.io. */
  readonly user: string;
  readonly password: string;
  readonly allowed: readonly string[];
  close(): Promise<void>;
};

export function openshiftContract(what: string, open: () => Promise<OpenshiftUnderTest>): void {
  describe(`OpenShift: ${what}`, { timeout: 120_000 }, () => {
    let sut: OpenshiftUnderTest;
    beforeAll(async () => {
      sut = await open();
    });
    afterAll(() => sut?.close());
    const login = (password = sut.password) =>
      loginOpenshift({ url: sut.url, ca: sut.ca, user: sut.user, password }, { allowed: sut.allowed, now: Date.now() });
    const signedIn = async (use: (kube: KubeConnection, token: string) => Promise<void>): Promise<void> => {
      const { access, ours } = await login();
      expect(ours).toBe(true);
      const { credential } = access;
      if (credential.kind !== 'token') throw new Error('OpenShift gives tokens');
      const kube = connectKube({
        cluster: 'openshift',
        server: access.server,
        ca: access.ca,
        credential: { kind: 'token', token: () => credential.token },
        allowedAddresses: sut.allowed,
      });
      try {
        await use(kube, credential.token);
      } finally {
        await revokeOpenshift(kube, credential.token).catch(() => false);
        await kube.close();
      }
    };

    it('turns a name and a password into a token that its API server takes, and says when it ends', async () => {
      await signedIn(async (kube, token) => {
        expect(token).toMatch(/^sha256~/);
        expect((await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }))?.metadata.uid).toBeDefined();
      });
      const { access } = await login();
      expect(Date.parse(access.expiresAt ?? '')).toBeGreaterThan(Date.now() + 60_000);
    });

    it('refuses another password without repeating it', async () => {
      await expect(login('not-the-password-at-all')).rejects.toMatchObject({
        code: 'MANAGER_UNAUTHORIZED',
        message: expect.not.stringContaining('not-the-password') as string,
      });
    });

    it('takes a token back by its name, once', async () => {
      await signedIn(async (kube, token) => {
        expect(await revokeOpenshift(kube, token)).toBe(true);
        await expect
          .poll(() => kube.getPath('/apis').catch((error: unknown) => error), { timeout: 30_000, interval: 200 })
          .toMatchObject({ code: 'CLUSTER_UNAUTHORIZED' });
      });
    });

    it('tells its version, its cluster id and its ranges', async () => {
      await signedIn(async (kube) => {
        const about = await observeOpenshift(kube, ['config.openshift.io']);
        expect(about).toMatchObject({
          version: expect.stringMatching(/^4\.\d+\.\d+/) as string,
          clusterId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
          failing: false,
        });
        expect(about?.podCidrs.length).toBeGreaterThan(0);
        expect(about?.serviceCidrs.length).toBeGreaterThan(0);
      });
    });

    it('is not one where the group is missing', async () => {
      await signedIn(async (kube) => expect(await observeOpenshift(kube, ['apps'])).toBeNull());
    });
  });
}
