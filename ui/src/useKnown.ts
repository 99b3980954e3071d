// Everything that most of the page looks at, together.
import { useMemo } from 'react';
import type { Application, Cluster, Offers, Operation } from '../../contract/src/index.ts';
import type { Failure } from './api.ts';
import { ask, useAnswer, useAnswers } from './live.ts';
import type { Answer } from './live.ts';
import { membersOf } from './members.ts';
import type { Known, Member } from './members.ts';
import { usePlace } from './route.ts';
import { going } from './words.ts';

const told = ['clusters', 'offers', 'peerings', 'applications', 'operations'] as const;
export type Told = (typeof told)[number];

export type Everything = Known & {
  /** Answered at least once: of the others nothing is known, which is not that there are none. */
  readonly isKnown: Readonly<Record<Told, boolean>>;
  /** What the broker could not tell when it was asked last, and why. */
  readonly untold: readonly { readonly what: Told; readonly failure: Failure }[];
  readonly members: readonly Member[];
  readonly where: readonly string[];
  readonly prefer: readonly string[];
  /** False until everything was answered once. */
  readonly isLoaded: boolean;
  readonly offersFailure: Failure | undefined;
  /** Offers that there are, also where they are too many for the map; those that match; and what would let more of them in. */
  readonly total: number;
  readonly matching: number;
  /** Of these, how many were asked for: beside them stand those of added members. */
  readonly asked: number;
  readonly wider: Offers['wider'];
  readonly rejected: readonly { readonly source: string; readonly reason: string }[];
};

const empty: readonly never[] = [];

export const useKnown = (): Everything => {
  const { query } = usePlace();
  const words = JSON.stringify([query.getAll('where'), query.getAll('prefer')]);
  const [where, prefer] = useMemo(() => JSON.parse(words) as [string[], string[]], [words]);
  const clusters = useAnswer(ask.clusters);
  const offers = useAnswer(ask.offers(where, prefer));
  const left = addedBeyond(offers.data, clusters.data ?? empty);
  const ofAdded = useAnswer(left.length === 0 ? null : ask.offersOf(left, where, prefer));
  const peerings = useAnswer(ask.peerings);
  const pictures = useAnswer(ask.pictures);
  const applications = useAnswer(ask.applications);
  const operations = useAnswer(ask.operations);
  const statuses = useAnswers(movingOf(applications.data ?? empty, operations.data ?? empty).map(ask.status));
  return useMemo(() => {
    const known: Known = {
      clusters: clusters.data ?? empty,
      offers: [...(offers.data?.items ?? empty), ...(ofAdded.data?.items ?? empty)],
      peerings: peerings.data ?? empty,
      pictures: pictures.data ?? empty,
      applications: applications.data ?? empty,
      operations: operations.data ?? empty,
      statuses: statuses.flatMap(({ data }) => data ?? []),
    };
    const { isKnown, untold } = standingOf({ clusters, offers, peerings, applications, operations });
    return {
      ...known,
      isKnown,
      untold,
      // how somebody stands is told by both
      members: isKnown.clusters && isKnown.peerings ? membersOf(known) : empty,
      where,
      prefer,
      isLoaded: clusters.data !== undefined && (offers.data !== undefined || offers.failure !== undefined) && peerings.data !== undefined,
      offersFailure: offers.failure,
      ...countsOf(offers.data),
    };
  }, [clusters, offers, ofAdded, peerings, pictures, applications, operations, statuses, where, prefer]);
};

const namesMost = 50;

/** Of more offers than are shown: who was added and is not among those, which its place on the map and its facts must not depend on. */
const addedBeyond = (offers: Offers | undefined, clusters: readonly Cluster[]): readonly string[] => {
  if (offers === undefined || offers.total <= offers.items.length) return empty;
  const there = new Set(offers.items.map(({ cluster }) => cluster));
  return clusters.flatMap(({ name, side }) => (side === 'provider' && !there.has(name) ? [name] : [])).slice(0, namesMost);
};

const countsOf = (offers: Offers | undefined): Pick<Everything, 'total' | 'matching' | 'asked' | 'wider' | 'rejected'> => ({
  total: offers?.total ?? 0,
  matching: offers?.matching ?? 0,
  asked: offers?.items.length ?? 0,
  wider: offers?.wider ?? empty,
  rejected: offers?.rejected ?? empty,
});

const standingOf = (answers: Readonly<Record<Told, Answer<unknown>>>): Pick<Everything, 'isKnown' | 'untold'> => ({
  isKnown: {
    clusters: answers.clusters.data !== undefined,
    offers: answers.offers.data !== undefined,
    peerings: answers.peerings.data !== undefined,
    applications: answers.applications.data !== undefined,
    operations: answers.operations.data !== undefined,
  },
  untold: told.flatMap((what) => {
    const { failure } = answers[what];
    return failure?.isPassing ? [{ what, failure }] : [];
  }),
});

const movingMost = 8;

/** Whose pods are on their way: where they run now is asked, not taken from what was decided. */
const movingOf = (applications: readonly Application[], operations: readonly Operation[]): readonly string[] => {
  const subjects = operations.filter(({ kind, state }) => kind === 'migrate' && going.includes(state)).map(({ subject }) => subject);
  return applications
    .filter(({ name, state }) => state === 'migrating' || subjects.includes(name))
    .slice(0, movingMost)
    .map(({ name }) => name);
};
