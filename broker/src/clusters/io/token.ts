// Our own account's tokens: asked for, bound to the anchor, verified before they are used.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import { type Account, accountName, anchorName } from '../account.ts';
import type { Kube, KubeObject } from './kubernetes/kube.ts';

// Servers may shorten it; half of what they answer is when it is renewed.
const lifeSeconds = 7 * 24 * 3600;

const issuedShape = z.object({ status: z.object({ token: z.string().min(1).max(16_384), expirationTimestamp: z.string() }) });
const reviewShape = z.object({ status: z.object({ userInfo: z.object({ username: z.string() }) }) });

export type Token = { readonly token: string; readonly endsAt: string; readonly renewAt: string };

/** With the bootstrap credential at first, with the account itself afterwards. */
export const requestToken = async (kube: Kube, account: Account): Promise<Token> => {
  const anchor = await kube.get({ apiVersion: 'v1', kind: 'Secret', namespace: account.namespace, name: anchorName });
  if (anchor?.metadata.uid === undefined) {
    throw new HanseError('CLUSTER_UNAUTHORIZED', `${kube.cluster}: Secret ${account.namespace}/${anchorName} is gone, and with it every token of our account.`);
  }
  const answer = await kube.post(`/api/v1/namespaces/${account.namespace}/serviceaccounts/${accountName}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [], expirationSeconds: lifeSeconds, boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: anchorName, uid: anchor.metadata.uid } },
  });
  const parsed = issuedShape.safeParse(answer);
  const endsMs = parsed.success ? Date.parse(parsed.data.status.expirationTimestamp) : Number.NaN;
  if (!parsed.success || Number.isNaN(endsMs))
    throw new HanseError('CLUSTER_REJECTED', `${kube.cluster}: the answer to a TokenRequest has no token or no expiry`);
  const now = Date.now();
  return { token: parsed.data.status.token, endsAt: new Date(endsMs).toISOString(), renewAt: new Date(now + (endsMs - now) / 2).toISOString() };
};

const attempts = 20;
const pauseMs = 250;

/** As whom the server knows this connection; a token is known to every API server of a cluster after some moments. */
export const verifyAccount = async (kube: Kube, account: Account): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      const review = await kube.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'SelfSubjectReview',
      });
      const username = reviewShape.safeParse(review).data?.status.userInfo.username;
      if (username === account.username) return;
      throw new HanseError('CLUSTER_REJECTED', `${kube.cluster}: the token is for ${username ?? 'nobody'}, not for ${account.username}`);
    } catch (error) {
      if (!(error instanceof HanseError) || error.code !== 'CLUSTER_UNAUTHORIZED' || attempt === attempts) throw error;
      await sleep(pauseMs);
    }
  }
};

const tokenSecret = (namespace: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'hanse-limit', namespace, annotations: { 'kubernetes.io/service-account.name': 'default' } },
  type: 'kubernetes.io/service-account-token',
});

/** API servers take up an admission policy moments after it was made: asked, without effect, for something that it forbids until that is refused. PREFLIGHT_FAILED. */
export const verifyLimits = async (kube: Kube, { tenant, wideName }: Account): Promise<void> => {
  if (tenant === null) return;
  for (let attempt = 1; attempt <= 4 * attempts; attempt++) {
    try {
      await kube.create(tokenSecret(tenant.namespace), { dryRun: true });
    } catch (error) {
      if (error instanceof HanseError && error.code === 'CLUSTER_REJECTED') return;
      throw error;
    }
    await sleep(pauseMs);
  }
  throw new HanseError('PREFLIGHT_FAILED', `${kube.cluster}: the ValidatingAdmissionPolicy ${wideName} that limits our account does not take effect`, {
    fix: 'Look whether admission policies are switched off at the API server (--disable-admission-plugins).',
  });
};
