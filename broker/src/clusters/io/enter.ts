// The way into a cluster: what was handed in becomes access to its API server, whichever system it stands behind. From here on all ways are one.
import { HanseError } from '../../errors.ts';
import type { PlanNote } from '../../operations/plan.ts';
import type { Allowed } from '../address.ts';
import type { ManagerRef, OpennebulaEntry, OpenshiftEntry, RancherEntry } from '../entry.ts';
import { type Access, readKubeconfig } from '../kubeconfig.ts';
import { type Bootstrap, connectWith } from './bootstrap.ts';
import { findOneCluster, hostsOf, oneKsBeside, openOneSession, probeOne } from './managers/opennebula.ts';
import { findRancherCluster, openRancherSession } from './managers/rancher.ts';
import { loginOpenshift, revokeOpenshift } from './platforms/openshift.ts';

export type Ways = {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly openshift?: OpenshiftEntry | undefined;
  readonly rancher?: RancherEntry | undefined;
  readonly opennebula?: OpennebulaEntry | undefined;
};

export type Entered = {
  /** For reading now. */
  readonly access: Access;
  /** To be sealed, for the steps of the plan. */
  readonly bootstrap: Bootstrap;
  readonly manager: ManagerRef | null;
  readonly notes: readonly PlanNote[];
  /** When there will be a plan: takes back what was only for reading. */
  end(): Promise<void>;
  /** When there will be none: takes back everything that was made on the way in. */
  leave(): Promise<void>;
};

export type Rules = { readonly allowed: Allowed; readonly now: number };

const nothing = async (): Promise<void> => {};

const byKubeconfig = (kubeconfig: string, context: string | undefined, rules: Rules): Entered => {
  const outcome = readKubeconfig(kubeconfig, { ...rules, ...(context === undefined ? {} : { context }) });
  if (outcome.kind === 'accepted')
    return { access: outcome.access, bootstrap: outcome.access.credential, manager: null, notes: [], end: nothing, leave: nothing };
  const more = outcome.faults;
  throw new HanseError(
    'KUBECONFIG_REJECTED',
    `The kubeconfig was rejected: ${more.map(({ message, place }) => `${place?.path ?? 'line'}${place?.line === undefined ? '' : ` (line ${place.line})`}: ${message}`).join('; ')}`,
    {
      faults: more,
      ...(more[0]?.place === undefined ? {} : { place: more[0].place }),
      ...(more[0]?.fix === undefined ? {} : { fix: more[0].fix }),
    },
  );
};

const byOpenshift = async (name: string, entry: OpenshiftEntry, rules: Rules): Promise<Entered> => {
  const { access, ours } = await loginOpenshift(entry, rules);
  const { credential, server, ca, tlsServerName } = access;
  const token = credential.kind === 'token' ? credential.token : '';
  const revoke = async (): Promise<void> => {
    const kube = connectWith({ cluster: name, server, ca, tlsServerName }, credential, rules.allowed);
    try {
      await revokeOpenshift(kube, token);
    } finally {
      await kube.close();
    }
  };
  const text = ours
    ? `OAuth at ${server}: the password was used once and is not kept; the token it gave is taken back at the end`
    : `a token at ${server}: it stays valid after this; oc logout, where it was made, ends it`;
  return {
    access,
    bootstrap: { kind: ours ? 'openshift' : 'token', token },
    manager: null,
    notes: [{ topic: 'entered by', text }],
    end: nothing,
    leave: ours ? revoke : nothing,
  };
};

const kept = (title: string): PlanNote => ({
  topic: 'kept',
  text: `${title} is kept sealed for hanse cluster scale, until the cluster is removed`,
});

const byRancher = async (entry: RancherEntry, rules: Rules): Promise<Entered> => {
  const login = { url: entry.url, ca: entry.ca ?? null, token: entry.token };
  const cluster = await findRancherCluster(login, entry.cluster, rules.allowed);
  const { access, end } = await openRancherSession(login, cluster, rules);
  return {
    access,
    bootstrap: { kind: 'rancher', ...login, cluster },
    manager: { kind: 'rancher', url: login.url, ca: login.ca, oneks: null, cluster },
    notes: [
      { topic: 'entered by', text: `Rancher at ${login.url}, which has it as ${cluster}; from then on everything goes to ${access.server} itself` },
      kept('the token of Rancher'),
    ],
    end,
    leave: end,
  };
};

const byOpennebula = async (entry: OpennebulaEntry, rules: Rules): Promise<Entered> => {
  const login = { url: entry.url, ca: entry.ca ?? null, oneks: entry.oneks ?? oneKsBeside(entry.url, rules.allowed), auth: entry.auth };
  const account = await probeOne(login, rules.allowed);
  const [cluster, hosts] = await Promise.all([findOneCluster(login, entry.cluster, rules.allowed), hostsOf(login, rules.allowed)]);
  const { access } = await openOneSession(login, cluster, rules);
  return {
    access,
    bootstrap: { kind: 'opennebula', ...login, cluster },
    manager: { kind: 'opennebula', url: login.url, ca: login.ca, oneks: login.oneks, cluster },
    notes: [
      {
        topic: 'entered by',
        text: `OpenNebula ${account.version} at ${login.url} as ${account.user} of ${account.group}, and OneKS, which has it as ${cluster}; from then on everything goes to ${access.server} itself`,
      },
      ...(hosts === '' ? [] : [{ topic: 'hosts', text: hosts }]),
      kept('a token of this user for 90 days, in place of the password,'),
    ],
    end: nothing,
    leave: nothing,
  };
};

/** Reads and asks; what that makes at a manager (a token) is taken back by `end` or `leave`. */
export const enter = async (name: string, ways: Ways, rules: Rules): Promise<Entered> => {
  if (ways.openshift !== undefined) return byOpenshift(name, ways.openshift, rules);
  if (ways.rancher !== undefined) return byRancher(ways.rancher, rules);
  if (ways.opennebula !== undefined) return byOpennebula(ways.opennebula, rules);
  return byKubeconfig(ways.kubeconfig ?? '', ways.context, rules);
};
