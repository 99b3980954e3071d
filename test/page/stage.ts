// A broker to look at: the real store, engine, decider, catalogue and API, with verbs that need no clusters.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCatalogue } from '../../broker/src/catalogue/io/index.ts';
import { parseTrustedIssuers } from '../../broker/src/catalogue/index.ts';
import { createClusters } from '../../broker/src/clusters/io/index.ts';
import { brokerId } from '../../broker/src/ids.ts';
import { createEngine, createOperations } from '../../broker/src/operations/io/index.ts';
import { createDecider } from '../../broker/src/placement/io/index.ts';
import { parsePolicy } from '../../broker/src/placement/index.ts';
import { verifyAudit } from '../../broker/src/audit/io/index.ts';
import type { ApiDeps, OffersAsked } from '../../broker/src/api/io/deps.ts';
import type { Consumer, Lan, Offers } from '../../contract/src/index.ts';
import { members } from '../../simulator/federation.ts';
import { testApi, type TestApi } from '../api.ts';
import { built } from '../built.ts';
import { cuttable } from '../cli.ts';
import { testStore } from '../database.ts';
import { issueDemoCredentials, trustedIssuers } from '../fixtures/issueCredentials.ts';
import { demoLan } from './lan.ts';
import { demoRows } from './rows.ts';
import type { Rows } from './rows.ts';
import { makeGates, pageVerbs } from './verbs.ts';
import type { Gates } from './verbs.ts';

export type Stage = {
  /** Where its credentials lie, a file each. */
  readonly folder: string;
  readonly rows: Rows;
  readonly gates: Gates;
  readonly api: TestApi;
  /** Offers in place of those that the credentials make. */
  shown: Pick<Offers, 'items' | 'rejected'> | null;
  /** Who uses clusters of ours. */
  consumers: readonly Consumer[];
  /** Layer 2, as its exchanges tell it. */
  lans: readonly Lan[];
  /** Stands between page and broker, and can be cut. */
  readonly wire: Awaited<ReturnType<typeof cuttable>>;
  /** Of a browser that is let in. */
  link(): Promise<string>;
  /** As if the command line had asked for it and approved it; answers the operation's id. */
  start(verb: string, request: object): Promise<string>;
  until(id: string, isSo: (state: string) => boolean): Promise<void>;
  close(): Promise<void>;
};

export type StageOptions = {
  /** Members with rows; the others only offer. */
  readonly added?: readonly string[];
};

const pageOf = (items: Offers['items'], { named, offset, limit }: OffersAsked): Offers['items'] =>
  items
    .filter(({ cluster, offering: { id, name } }) => named === undefined || [cluster, id, name].some((each) => each !== null && named.includes(each)))
    .slice(offset, offset + limit);

export const openStage = async ({ added = [] }: StageOptions = {}): Promise<Stage> => {
  const program = await built('broker/src/main.ts');
  const { store, configDir, close } = await testStore();
  const rows = demoRows(store);
  for (const name of added) await rows.cluster(name);
  const folder = join(configDir, 'offers');
  mkdirSync(folder, { recursive: true });
  const made = issueDemoCredentials(
    Date.now(),
    members.flatMap(({ name, country, region, city, nodes, offer }) => {
      if (offer === null || added.length === 0) return [];
      const cores = nodes.reduce((sum, { cpu }) => sum + Number(cpu), 0);
      const gpus = nodes.reduce((sum, node) => sum + (node.gpus ?? 0), 0);
      return [
        {
          cluster: name,
          country,
          region,
          city,
          label: offer.label ?? 'SC',
          eurPerVcpuHour: offer.eurPerVcpuHour,
          gpuCount: gpus,
          schemes: offer.schemes,
          cpuCores: cores,
          memoryGiB: cores * 4,
        },
      ];
    }),
  );
  for (const [name, jwt] of Object.entries(made.files)) writeFileSync(join(folder, name), `${jwt}\n`);
  const clusters = createClusters({ store, allowedAddresses: [] });
  const catalogue = createCatalogue({
    store,
    config: { sources: [folder], policy: { issuers: parseTrustedIssuers(trustedIssuers(made)) }, allowedAddresses: [] },
  });
  const decider = createDecider({ store, clusters, catalogue });
  const gates = makeGates();
  const verbs = pageVerbs(rows, gates);
  const engine = createEngine({ store, verbs, brokerId: brokerId('broker-page'), leaseSeconds: 30 });
  engine.start();
  // the page is where the build put it, whether this file runs from its source or from dist/
  const pageDir = join(program, '..', '..', '..', 'ui');
  const deps: Partial<ApiDeps> = {
    verbs: Object.fromEntries(verbs.map((verb) => [verb.name, verb])),
    operations: createOperations(store),
    onEvents: engine.onEvents,
    clusters,
    credentials: catalogue.credentials,
    consumers: { list: async () => stage.consumers },
    offers: async (owner, asked) =>
      stage.shown === null
        ? decider.offers(owner, asked)
        : {
            ...stage.shown,
            items: pageOf(stage.shown.items, asked),
            total: stage.shown.items.length,
            matching: stage.shown.items.length,
            facets: [],
            wider: [],
          },
    lans: { list: async () => stage.lans, circuits: async () => [], nodeConfig: async () => '' },
    applications: {
      status: (_, name) => rows.status(name),
      explain: async (_, name) => [`${name}: chosen because it is the cheapest that satisfies every criterion.`],
    },
    parsePolicy: (text) => JSON.parse(JSON.stringify(parsePolicy(text, 'the policy'))),
    verifyAudit: async () => {
      const report = await verifyAudit(store, { heads: [], keys: new Map(), trusted: [] });
      return { valid: report.valid, events: report.events, head: report.last, faults: report.faults };
    },
  };
  // the port is known only when the wire lies
  const names: string[] = [];
  const api = await testApi(store, deps, { pageDir, hosts: names });
  const wire = await cuttable(api.url);
  names.push(new URL(wire.url).host);
  const json = async (response: Promise<Response>): Promise<unknown> => (await response).json();
  const stage: Stage = {
    folder,
    shown: null,
    consumers: [],
    lans: added.includes('po') ? [demoLan()] : [],
    rows,
    gates,
    api,
    wire,
    link: async () => `${wire.url}${((await json(api.call('/v1/page-links', { method: 'POST' }))) as { path: string }).path}`,
    async start(verb, request) {
      const planned = (await json(api.call('/v1/operations', { method: 'POST', body: JSON.stringify({ verb, request }) }))) as { operation: { id: string } };
      await api.call(`/v1/operations/${planned.operation.id}/approve`, { method: 'POST' });
      return planned.operation.id;
    },
    async until(id, isSo) {
      for (;;) {
        const { state } = (await json(api.call(`/v1/operations/${id}`))) as { state: string };
        if (isSo(state)) return;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    },
    async close() {
      gates.openAll();
      await wire.cut();
      await api.close();
      await engine.stop();
      await close();
    },
  };
  return stage;
};
