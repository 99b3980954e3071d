// What runs on a proof that lapsed or soon will, and what its policy asks to be done: pure, from what placements rest on and what is known now.
import { nothing, parseCriterion, place, type Criterion, type Opinion, type SnapshotCluster } from '../placement/index.ts';
import type { Reaction } from './reaction.ts';
import { usualWord, type Word } from './rules.ts';

/** A criterion of a placement, and the credential that satisfied it when it was decided. */
export type Resting = {
  readonly application: string;
  /** Our name of the provider's cluster. */
  readonly cluster: string;
  /** As `printCriterion` writes it. */
  readonly criterion: string;
  /** SHA-256 (hex). */
  readonly credential: string;
  /** What its policy says of proofs; null: nothing. */
  readonly word: Word | null;
};

/** Of a credential; `gone`: no source gives it any more. `since`, `until`: RFC 3339. */
export type State = {
  readonly digest: string;
  readonly state: 'active' | 'expiring' | 'suspended' | 'expired' | 'revoked' | 'deprecated' | 'unverifiable' | 'refused' | 'gone';
  readonly since: string | null;
  readonly until: string | null;
  readonly why: string | null;
  readonly successor: string | null;
};

export type Impact = {
  readonly application: string;
  readonly provider: string;
  readonly criterion: string;
  readonly credential: string;
  readonly state: State['state'];
  readonly since: string | null;
  readonly until: string | null;
  readonly why: string | null;
  /** Whether the criterion is satisfied now. */
  readonly holds: boolean;
  readonly found: string;
  readonly plan: { readonly word: Word; readonly state: Reaction['state'] | null; readonly operation: string | null };
};

export type Around = {
  /** Of every credential that something rests on, and of what took its place. */
  readonly states: ReadonlyMap<string, State>;
  readonly clusters: readonly SnapshotCluster[];
  readonly reactions: readonly Reaction[];
  /** Also what rests on a proof that nothing is the matter with. */
  readonly all: boolean;
};

/** In the order of what it is given. A criterion that another good proof satisfies by now is not listed: a renewed credential is no lapse. */
export function impacts(resting: readonly Resting[], { states, clusters, reactions, all }: Around): Impact[] {
  const opinionOf = opinions(resting, clusters);
  const open = new Map(reactions.filter(isOpenProof).map((reaction) => [`${reaction.provider} ${reaction.application}`, reaction]));
  return resting.flatMap(({ application, cluster, criterion, credential, word }) => {
    const opinion = opinionOf(cluster, criterion);
    const holds = opinion?.verdict === 'satisfied';
    const last = newest(credential, states);
    // what satisfies it now may be another proof than the one that it was placed on
    const carrying = holds && opinion.source !== last.digest ? (states.get(opinion.source) ?? null) : last;
    if (!all && (carrying === null || (holds && carrying.state === 'active'))) return [];
    const { digest, state, since, until, why } = carrying ?? last;
    const reaction = open.get(`${cluster} ${application}`);
    const plan = { word: word ?? usualWord, state: reaction?.state ?? null, operation: reaction?.operation ?? null };
    return [{ application, provider: cluster, criterion, credential: digest, state, since, until, why, holds, found: opinion?.found ?? 'unknown', plan }];
  });
}

const isOpenProof = ({ cause, state }: Reaction): boolean => cause === 'proof' && state !== 'over';

const gone = (digest: string): State => ({
  digest,
  state: 'gone',
  since: null,
  until: null,
  why: 'no source gives it any more',
  successor: null,
});

/** The one that took its place, as far as that is known. A chain that leads back to itself ends where it does. */
function newest(digest: string, states: ReadonlyMap<string, State>): State {
  const seen = new Set<string>();
  let at = states.get(digest) ?? gone(digest);
  while (at.successor !== null && !seen.has(at.digest)) {
    seen.add(at.digest);
    const next = states.get(at.successor);
    if (next === undefined) break;
    at = next;
  }
  return at;
}

/** Each criterion is held against each cluster once, however many applications ask for it. */
function opinions(resting: readonly Resting[], clusters: readonly SnapshotCluster[]): (cluster: string, criterion: string) => Opinion | null {
  const asked = new Map<string, Set<string>>();
  for (const { cluster, criterion } of resting) asked.set(cluster, (asked.get(cluster) ?? new Set()).add(criterion));
  const found = new Map<string, ReadonlyMap<string, Opinion>>();
  for (const cluster of clusters) {
    const criteria = [...(asked.get(cluster.name) ?? [])].flatMap((text) => readable(text) ?? []);
    if (criteria.length === 0) continue;
    const { candidates } = place(
      { subject: 'impact', replicas: 1, each: nothing, criteria, preferences: [], providersMin: 1, exclude: [], reach: 'offered' },
      { version: 0, takenAt: '', clusters: [cluster] },
    );
    found.set(cluster.name, new Map(candidates.flatMap((candidate) => candidate.opinions).map((opinion) => [opinion.criterion, opinion])));
  }
  return (cluster, criterion) => found.get(cluster)?.get(criterion) ?? null;
}

/** A fact that this version no longer knows satisfies nothing. */
function readable(text: string): Criterion | null {
  try {
    return parseCriterion(text);
  } catch {
    return null;
  }
}
