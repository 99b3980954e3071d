// A Federation: the providers of one home cluster, and how much is borrowed of each.
import { type FederationDocument, usualResources } from '../../../contract/src/index.ts';
import type { Fault } from '../errors.ts';
import type { Peering } from '../federation/index.ts';
import type { Json } from '../ids.ts';
import { nearestWord } from '../placement/index.ts';
import { type Act, stages, type Translated, verbAct } from './act.ts';
import { amountOf, type Size, sizeOf } from './amounts.ts';
import { differences } from './differences.ts';
import type { DeclaredFederation } from './document.ts';
import type { State } from './state.ts';

export const federationFaults = ({ name, document: { spec }, fault }: DeclaredFederation, { homes, providers }: State): Fault[] => [
  ...(homes.includes(name) ? [] : [fault(['metadata', 'name'], `There is no home cluster ${name}.`, among(name, homes))]),
  ...(spec.providers ?? []).flatMap((one, index, all) => {
    const path = ['spec', 'providers', index, 'name'];
    if (!providers.includes(one.name)) return [fault(path, `There is no provider ${one.name}.`, among(one.name, providers))];
    return all.findIndex(({ name: other }) => other === one.name) < index ? [fault(path, `${one.name} stands there twice.`, 'Remove one of the two.')] : [];
  }),
];

export const among = (word: string, words: readonly string[]): string => {
  const nearest = nearestWord(word, words);
  if (nearest !== null) return `Did you mean ${nearest}? There are ${words.join(', ')}.`;
  return words.length === 0 ? 'There is none yet.' : `There are ${words.join(', ')}.`;
};

type Wish = { readonly provider: string; readonly peering: Peering | undefined; readonly size: Size | null };

/** By name, then by criteria; null: nobody asked for a size. */
const wishesOf = ({ name, document: { spec } }: DeclaredFederation, { peerings, chosen }: State): Wish[] => {
  const named = spec.providers ?? [];
  const more = (chosen.get(name) ?? []).filter((provider) => !named.some((one) => one.name === provider));
  return [...named, ...more.map((provider) => ({ name: provider, resources: undefined }))].map(({ name: provider, resources = spec.resources }) => {
    const peering = peerings.find((one) => one.home === name && one.provider === provider);
    return { provider, peering, size: resources === undefined ? null : sizeOf(resources, peering?.resources ?? usualResources) };
  });
};

export function translateFederation(declared: DeclaredFederation, state: State, { prune }: { readonly prune: boolean }): Translated {
  const { name, file, line, document } = declared;
  const wishes = wishesOf(declared, state);
  const standing = state.peerings.filter(({ home, state: is }) => home === name && is !== 'leaving');
  const extra = standing.filter(({ provider }) => !wishes.some((wish) => wish.provider === provider)).map(({ provider }) => provider);
  const now = Object.fromEntries(standing.map(({ provider, resources }): [string, Json] => [provider, amountOf(resources)]));
  const kept = prune ? [] : extra;
  const wanted = Object.fromEntries([
    ...wishes.map(({ provider, peering, size }): [string, Json] => {
      const wish = size ?? peering?.resources;
      return [provider, wish === undefined ? 'as much as is usual' : amountOf(wish)];
    }),
    ...kept.flatMap((provider): [string, Json][] => (now[provider] === undefined ? [] : [[provider, now[provider]]])),
  ]);
  return {
    kind: 'Federation',
    name,
    place: { file, line },
    differences: differences({ providers: now }, { providers: wanted }, 'spec'),
    acts: [
      ...federating(name, wishes, document),
      ...resizing(wishes),
      ...(prune ? extra.map((provider) => verbAct('leave', stages.leave, { provider, home: name })) : []),
    ],
    notes: kept.length === 0 ? [] : [`${name} is also federated with ${kept.join(', ')}, which the document does not name: it stays (--prune leaves it).`],
  };
}

/** One request for each size; those that stand already are asked for without one, and looked at again. */
function federating(home: string, wishes: readonly Wish[], { spec }: FederationDocument): Act[] {
  const groups = new Map<string, { readonly size: Size | null; readonly providers: string[] }>();
  for (const { provider, peering, size } of wishes) {
    const asked = peering?.state === 'ready' ? null : size;
    const key = JSON.stringify(asked);
    const group = groups.get(key) ?? { size: asked, providers: [] };
    groups.set(key, group);
    group.providers.push(provider);
  }
  const acts = [...groups.values()].map(({ size, providers }) =>
    verbAct('federate', stages.federate, { home, providers, ...(size !== null && { resources: { ...size } }) }),
  );
  // criteria that nobody satisfies are refused by the verb, with its reasons
  return acts.length === 0 && spec.where !== undefined ? [verbAct('federate', stages.federate, { home, where: spec.where })] : acts;
}

const resizing = (wishes: readonly Wish[]): Act[] =>
  wishes.flatMap(({ provider, peering, size }) =>
    size === null || peering?.state !== 'ready' ? [] : [verbAct('resize', stages.resize, { provider, resources: { ...size } })],
  );

/** What stands, as a document. */
export const federationOf = (home: string, peerings: readonly Peering[]): FederationDocument => ({
  apiVersion: 'hanse.dev/v1',
  kind: 'Federation',
  metadata: { name: home },
  spec: {
    providers: peerings
      .filter((one) => one.home === home && one.state !== 'leaving')
      .map(({ provider, resources }) => ({ name: provider, resources: amountOf(resources) })),
  },
});
