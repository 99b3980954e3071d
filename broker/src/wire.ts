// Joins the capabilities: which one asks which other for what. main.ts adds the process around it.
import { readFileSync } from 'node:fs';
import type { ApiDeps } from './api/io/deps.ts';
import { createReceipts, type SigningKey } from './audit/io/index.ts';
import { type Broker, type CatalogueConfig, createCatalogue, createSharing, type Harvester } from './catalogue/io/index.ts';
import { parseAnchors, parseTrustedIssuers } from './catalogue/index.ts';
import { clusterVerbs, createClusters, type ClusterRegistry } from './clusters/io/index.ts';
import type { Config } from './config.ts';
import { HanseError } from './errors.ts';
import { createPeerings, federationVerbs, type Peerings, sliceBookings } from './federation/io/index.ts';
import { ownerId } from './ids.ts';
import { createInterconnect, federateOverLan, type Interconnect, leaveOverLan, type Ranges } from './interconnect/io/index.ts';
import { createConsumers, lendVerb } from './lending/io/index.ts';
import type { Verb } from './operations/io/index.ts';
import { declared } from './placement/index.ts';
import { createDecider, type Decider } from './placement/io/index.ts';
import { createImpact } from './reactions/io/index.ts';
import { createReservations } from './reservations/io/index.ts';
import type { Store } from './store/io/store.ts';
import { type Applications, createApplications, migrationVerbs, planEvacuationOf, usersOf, workloadVerbs, type World } from './workloads/io/index.ts';

const catalogueConfig = ({ credentials, allowedAddresses }: Config): CatalogueConfig => {
  const {
    sources,
    trustedIssuers,
    authorityFile,
    askAgainSeconds,
    expiringDays,
    keepDays,
    trustAnchorsFile,
    registries,
    certificatePolicies,
    certificateHost,
    contexts,
    shapes,
    requires,
  } = credentials;
  return {
    sources,
    policy: {
      issuers: parseTrustedIssuers(trustedIssuers),
      ...(trustAnchorsFile !== undefined && { anchors: readAnchors(trustAnchorsFile) }),
      ...(registries && { registries }),
      ...(certificatePolicies && { certificatePolicies }),
      ...(certificateHost && { certificateHost }),
      ...(contexts && { contexts }),
      ...(shapes && { shapes }),
      ...(requires && { requires }),
    },
    allowedAddresses,
    ...(authorityFile !== undefined && { ca: readPem('authorityFile', authorityFile) }),
    ...(askAgainSeconds !== undefined && { askAgainMs: askAgainSeconds * 1000 }),
    ...(expiringDays !== undefined && { expiringMs: expiringDays * 86_400_000 }),
    ...(keepDays !== undefined && { keptMs: keepDays * 86_400_000 }),
  };
};

const readPem = (setting: 'authorityFile' | 'trustAnchorsFile', file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new HanseError('SETUP_FAILED', `credentials.${setting} ${file} cannot be read.`, { fix: 'Check its path and who may read it.', cause: error });
  }
};

const readAnchors = (file: string): readonly string[] => {
  const anchors = parseAnchors(readPem('trustAnchorsFile', file));
  if (anchors.length > 0) return anchors;
  throw new HanseError('SETUP_FAILED', `credentials.trustAnchorsFile ${file} holds no certificate.`, {
    fix: 'Put certificates (PEM) into it, one after the other.',
  });
};

export type Wired = {
  readonly clusters: ClusterRegistry;
  readonly peerings: Peerings;
  readonly applications: Applications;
  readonly decider: Decider;
  readonly credentials: ApiDeps['credentials'];
  readonly watchCredentials: (onError: (error: unknown) => void) => { stop(): Promise<void> };
  readonly impact: ApiDeps['impact'];
  readonly catalogue: ApiDeps['catalogue'];
  readonly harvester: Harvester;
  readonly interconnect: Interconnect;
  readonly lans: ApiDeps['lans'];
  readonly consumers: ApiDeps['consumers'];
  readonly verbs: readonly Verb[];
  close(): Promise<void>;
};

type Wiring = { readonly store: Store; readonly config: Config; readonly key: SigningKey; readonly broker?: Broker };

export function wire({ store, config, key, broker }: Wiring): Wired {
  const { allowedAddresses } = config;
  const clusters = createClusters({ store, allowedAddresses });
  const peerings = createPeerings({ store });
  const catalogue = createCatalogue({
    store,
    config: catalogueConfig(config),
    ...(broker && { broker }),
  });
  const decider = createDecider({ store, clusters, catalogue });
  const peeringsOf: World['peerings'] = async (owner, home) => (await peerings.list(owner)).filter((peering) => peering.home === home);
  const receipts = createReceipts({ store, key });
  const drain = { floorSeconds: config.migration.drainSecondsMin, ceilingSeconds: config.migration.drainSecondsMax };
  const world: World = { store, clusters, peerings: peeringsOf, decide: decider.decide, issueReceipt: receipts.issue, allowedAddresses, drain };
  const homeOf = async (owner: string): Promise<string> => (await clusters.home(owner)).name;

  const interconnect = createInterconnect({
    store,
    topology: config.interconnect,
    allowedAddresses,
    probing: {
      image: config.probe.image,
      kube: (owner, cluster) => clusters.kube(owner, cluster),
      liqoIdOf: async (owner, cluster) => (await clusters.find(owner, cluster)).liqoClusterId ?? null,
    },
  });
  const rangesOf = async (owner: string): Promise<readonly Ranges[]> =>
    (await clusters.list(owner)).map(({ name, podCidrs, serviceCidrs }) => ({ cluster: name, podCidrs, serviceCidrs }));
  const overLan = { interconnect, rangesOf, homeOf: async (owner: string, name: string | undefined) => (await clusters.home(owner, name)).name };

  const migration = migrationVerbs(world, { probe: { image: config.probe.image, pullPolicy: 'IfNotPresent' } });
  const federation = federationVerbs({
    clusters,
    peerings,
    reservations: sliceBookings(createReservations(store), async (owner, pool) => {
      const { liqoClusterId } = await clusters.find(owner, pool);
      const { offerings } = await catalogue.view(owner, [liqoClusterId ?? ''].filter(Boolean));
      const offering = offerings.find(({ cluster }) => cluster !== null && cluster === liqoClusterId);
      return declared(offering?.facts ?? []).free;
    }),
    choose: async (owner, criteria) => {
      const { clusters: chosen, placement } = await decider.choose(owner, criteria);
      return { clusters: chosen, placement: JSON.parse(JSON.stringify(placement)) };
    },
    lanPaths: async (owner, home, providers) => interconnect.paths(owner, home, providers, await rangesOf(owner)),
    usersOf: async (owner, provider) => (await usersOf(world, owner, { home: await homeOf(owner), provider })).applications.map(({ name }) => name),
    evacuation: {
      plan: async (owner, provider) => {
        const outcome = await planEvacuationOf(world, ownerId(owner), { provider });
        if (outcome.kind === 'plan') return outcome.plan;
        if (outcome.kind === 'nothing') return { steps: [], madeFrom: {} };
        throw new HanseError('REFUSED', `${provider} cannot be evacuated.`, { faults: outcome.reasons });
      },
      stillValid: async (owner, plan) => (await migration.evacuate.stillValid?.(plan, { owner: ownerId(owner) })) ?? { valid: true },
    },
  });
  // leaving with --evacuate carries the steps of an evacuation in front
  const leaving = { ...federation.leave, performers: { ...migration.evacuate.performers, ...federation.leave.performers } };
  const workloads = workloadVerbs(world);
  const verbs = [
    ...clusterVerbs({ store, clusters, allowedAddresses }),
    federateOverLan(federation.federate, overLan),
    leaveOverLan(leaving, overLan),
    federation.resize,
    lendVerb(clusters),
    workloads.deploy,
    workloads.delete,
    migration.migrate,
    migration.evacuate,
  ];
  const lans: Wired['lans'] = {
    list: interconnect.lans,
    circuits: interconnect.records.circuits,
    nodeConfig: async (owner, of) => interconnect.nodeConfig(owner, of, await rangesOf(owner)),
  };
  const close = async (): Promise<void> => void (await Promise.all([clusters.close(), interconnect.close()]));
  return {
    clusters,
    peerings,
    applications: createApplications(world),
    decider,
    credentials: catalogue.credentials,
    watchCredentials: catalogue.watch,
    impact: createImpact({ store, decider }),
    catalogue: {
      sources: catalogue.harvester.sources,
      harvest: (owner) => catalogue.harvester.harvest(owner, true),
      changes: config.credentials.shared === 'public' ? createSharing(store).changes : null,
    },
    harvester: catalogue.harvester,
    interconnect,
    lans,
    consumers: createConsumers(clusters),
    verbs,
    close,
  };
}
