// What credentials and prices of now say of an application that was placed by those of then.
import { measuredNames, type Placement, type Snapshot } from '../placement/index.ts';
import type { Signal } from './reaction.ts';

export type Drift = {
  readonly application: string;
  /** Clusters where it runs. */
  readonly clusters: readonly string[];
  /** The same request decided again, with nothing needed of what is free: only criteria and preferences speak. */
  readonly now: Placement;
  /** What was known when it was placed, and what is known now; null: no longer kept. */
  readonly before: Snapshot | null;
  readonly fresh: Snapshot;
};

/** Proofs that lapsed: a criterion of its policy excludes a cluster where it runs. */
export const proofSignals = ({ application, clusters, now }: Drift): Signal[] =>
  clusters.flatMap((cluster) => {
    const opinions = now.candidates.find((candidate) => candidate.cluster === cluster)?.opinions ?? [];
    const lapsed = opinions.filter(
      ({ verdict, criterion, source }) => verdict === 'excluded' && source !== 'request' && criterion !== 'capacity' && !isUnmeasured(criterion, source),
    );
    if (lapsed.length === 0) return [];
    const found = lapsed.map(({ asked, found: seen }) => `asked ${asked}, found ${seen}`).join('; ');
    return [{ cause: 'proof', provider: cluster, application, found: `${cluster} no longer shows what ${application} asks: ${found}.` }];
  });

/** What was not measured, because nobody measured or not for long enough, is neither so nor over. */
const isUnmeasured = (criterion: string, source: string): boolean => source === 'none' && measuredNames.some((name) => criterion.startsWith(name));

const pricesIn = (snapshot: Snapshot, cluster: string): string =>
  (snapshot.clusters.find(({ name }) => name === cluster)?.facts ?? [])
    .flatMap(({ name, value }) => (name.startsWith('price') ? [`${name} ${value}`] : []))
    .toSorted()
    .join(', ');

/** Prices that changed since it was placed, where another cluster is better by its preferences now. What was dearer all along is no news. */
export const priceSignals = ({ application, clusters, now, before, fresh }: Drift): Signal[] => {
  if (before === null || now.chosen === null) return [];
  const changed = now.candidates.map(({ cluster }) => cluster).filter((cluster) => pricesIn(before, cluster) !== pricesIn(fresh, cluster));
  const totalOf = (cluster: string): number | null => now.candidates.find((candidate) => candidate.cluster === cluster)?.total ?? null;
  const best = now.chosen.map(({ cluster }) => cluster).filter((cluster) => !clusters.includes(cluster));
  if (changed.length === 0) return [];
  return clusters.flatMap((cluster) => {
    const total = totalOf(cluster);
    const better = best.find((other) => total !== null && (totalOf(other) ?? 0) > total);
    if (better === undefined || now.chosen?.some((chosen) => chosen.cluster === cluster) === true) return [];
    if (!changed.includes(cluster) && !changed.includes(better)) return [];
    const found = `Prices changed (${[cluster, better].map((name) => `${name}: ${pricesIn(fresh, name) || 'none'}`).join('; ')}): ${better} is better for ${application} than ${cluster} now.`;
    return [{ cause: 'price', provider: cluster, application, found }];
  });
};
