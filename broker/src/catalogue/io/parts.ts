// Some of what is given, judged with what it asks for, on evidence gathered now; what comes of it is told of these alone.
import { setImmediate as breathe } from 'node:timers/promises';
import type { Evidence } from '../judge/evidence.ts';
import type { Catalogued, Judgement, Policy } from '../index.ts';
import { stateOf } from '../judge/judge.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { claimedBy, claimsOf, offeringsFrom } from '../offerings.ts';
import type { Claim } from '../offerings.ts';
import { restsOf } from '../rests.ts';
import { statementsOf } from '../statement.ts';
import type { Bases } from './bases.ts';
import type { Claims } from './claims.ts';
import type { EvidenceGatherer } from './gatherEvidence.ts';
import type { createJudge } from './judging.ts';
import type { Refused } from './offerRows.ts';
import { insideOf } from './received.ts';
import type { Received, ReceivedRows } from './received.ts';
import type { Judged, Standings } from './standings.ts';

export type PartsOptions = {
  readonly rows: Pick<ReceivedRows, 'find' | 'reach'>;
  readonly gatherer: EvidenceGatherer;
  readonly bases: Bases;
  readonly judging: ReturnType<typeof createJudge>;
  readonly standings: Pick<Standings, 'fallen'>;
  readonly claims: Claims;
  readonly policy: Policy;
  now(): number;
};

/** Before a judgement: what was fetched for it needs not be fetched again because of it. */
const fetchedWithinMs = 5_000;
/** Judged in one go. */
const turnMs = 20;

export type Part = Pick<Catalogued, 'offerings' | 'grounds' | 'judgements'> & {
  readonly at: Date;
  readonly evidence: Evidence;
  readonly digests: readonly string[];
  readonly refused: readonly Refused[];
  readonly judged: readonly Judged[];
  /** Of what was given: whether its issuer did not sign it. */
  readonly doubted: ReadonlyMap<string, boolean>;
  /** Others that have to be looked at because of it. */
  readonly concerned: readonly string[];
};

export type Parts = {
  /** `at`: since when a claim is believed that was not before. */
  derive(owner: string, members: readonly string[], at: number): Promise<Part>;
  /** As they stand now; nothing is written. */
  together(owner: string, members: readonly string[]): Promise<readonly Judgement[]>;
};

export function createParts({ rows, gatherer, bases, judging, standings, claims, policy, now }: PartsOptions): Parts {
  const judge = async (
    received: readonly Pick<Received, 'text'>[],
  ): Promise<{ readonly evidence: Evidence; readonly at: Date; readonly given: readonly Judgement[] }> => {
    const texts = received.map(({ text }) => text);
    const evidence = await gatherer.gather(texts, policy);
    const at = new Date(now());
    return { evidence, at, given: await inTurns(texts, (text) => judging(text, evidence, policy, at)) };
  };

  /** What another broker saw taken back is not believed again on a list that was fetched here before that. */
  const lookAgainAtFallen = async (owner: string, all: readonly Digested[]): Promise<void> => {
    const digests = all.map(({ digest }) => digest);
    const fallen = await standings.fallen(owner, digests);
    const texts = all.filter(({ digest }) => fallen.has(digest)).map(({ text }) => text);
    if (texts.length > 0) await gatherer.gather(texts, policy, new Map(), [...fallen.values()].reduce((last, at) => Math.max(last, at), 0) - fetchedWithinMs);
  };

  const derive: Parts['derive'] = async (owner, members, at) => {
    const received = (await rows.find(owner, await rows.reach(owner, members, 'needed'))).filter((row) => row.given);
    const own = new Set(members);
    const all = [...received, ...received.flatMap((row) => insideOf(row).map((inside) => ({ ...inside, isOwn: own.has(row.digest) })))].map((each) => {
      const digest = sha256Hex(each.text);
      return { text: each.text, source: each.source, digest, isOwn: 'isOwn' in each ? each.isOwn : own.has(digest) };
    });
    await lookAgainAtFallen(owner, all);
    const made = await judge(received);
    const told = all.filter(({ isOwn }) => isOwn);
    const isTold = new Set(told.map(({ digest }) => digest));
    await bases.keep(
      owner,
      told.map(({ digest, text }) => ({ digest, received: text })),
      { evidence: made.evidence, policy, at: made.at },
    );
    const stated = statementsOf(made.given, policy);
    const { holdings, concerned } = await claims.note(owner, {
      believed: claimsOf(stated).filter(({ digest }) => isTold.has(digest)),
      released: stated.judgements.filter(({ digest }) => isTold.has(digest)).flatMap(takenBack),
      now: at,
    });
    const found = offeringsFrom(stated, holdings);
    const isRoot = found.grounds.map(({ root }) => isTold.has(root));
    const sourceOf = new Map(all.map(({ source, digest }) => [digest, source]));
    const textOf = new Map(told.map(({ text, digest }) => [digest, text]));
    const judgements = found.judgements.filter(({ digest }) => isTold.has(digest));
    return {
      at: made.at,
      evidence: made.evidence,
      judgements,
      digests: told.map(({ digest }) => digest),
      offerings: found.offerings.filter((_, index) => isRoot[index]),
      grounds: found.grounds.filter((_, index) => isRoot[index]),
      refused: found.rejected
        .filter(({ digest }) => isTold.has(digest))
        .map(({ digest, reason }): Refused => ({ source: sourceOf.get(digest) ?? digest, reason, digest })),
      judged: judgements.map((judgement): Judged => ({ judgement, rests: () => restsOf(textOf.get(judgement.digest) ?? '', made.evidence, policy) })),
      doubted: new Map(made.given.filter(({ digest }) => own.has(digest)).map((judgement) => [judgement.digest, isDoubted(judgement)])),
      concerned,
    };
  };

  return {
    derive,
    async together(owner, members) {
      const received = (await rows.find(owner, await rows.reach(owner, members, 'needed'))).filter((row) => row.given);
      const { given } = await judge(received);
      const own = new Set(
        received.filter(({ digest }) => members.includes(digest)).flatMap((row) => [row, ...insideOf(row)].map(({ text }) => sha256Hex(text))),
      );
      return statementsOf(given, policy).judgements.filter(({ digest }) => own.has(digest));
    },
  };
}

/** That it was shown to be somebody else's word, or to hold such: not that it could not be found out. */
const isDoubted = (judgement: Judgement): boolean =>
  judgement.checks.some(({ name, result }) => result === 'failed' && (name === 'issuer' || name === 'key' || name === 'signature')) ||
  judgement.contents.some(isDoubted);

/** A claim whose credential its issuer or the configuration took back; what only ended or could not be verified may come again. */
function takenBack(judgement: Judgement): readonly Claim[] {
  const state = stateOf(judgement);
  return state === 'revoked' || state === 'refused' ? claimedBy(judgement) : [];
}

type Digested = { readonly digest: string; readonly text: string };

/** Strangers decide how many are tied together, and how long each takes: everybody else gets a turn in between. */
async function inTurns<Item, Made>(items: readonly Item[], one: (item: Item) => Made): Promise<readonly Made[]> {
  const made: Made[] = [];
  let since = performance.now();
  for (const item of items) {
    made.push(one(item));
    if (performance.now() - since < turnMs) continue;
    await breathe();
    since = performance.now();
  }
  return made;
}
