// The offers of an owner, read from rows: who asks begins a new ingestion where the last is old, and waits for it only where too little is known.
import type { Store } from '../../store/io/store.ts';
import type { Allowed } from '../../clusters/index.ts';
import { judge, policyOf } from '../index.ts';
import type { Judgement, Offering, Policy } from '../index.ts';
import { usualCheckRules } from '../lifecycle.ts';
import type { CheckRules } from '../lifecycle.ts';
import { sha256Hex } from '../pure-crypto.ts';
import { asOf } from '../standing.ts';
import type { StandingOffer } from '../standing.ts';
import { createBases } from './bases.ts';
import { createCredentials } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { createEvidenceGatherer } from './gatherEvidence.ts';
import { createGathering } from './gathering.ts';
import { createHarvester, type Harvester } from './harvest/harvester.ts';
import type { Source } from '../source.ts';
import { createIngest } from './ingest.ts';
import type { Rejudged } from './ingest.ts';
import { createJudge } from './judging.ts';
import { lastIngestion, offerChanges } from './offerRows.ts';
import { createStandings } from './standings.ts';
import { startWatch } from './watch.ts';
import type { Watch } from './watch.ts';
import { createReceivedRows } from './received.ts';

export type CatalogueConfig = {
  readonly sources: readonly Source[];
  /** What is asked of credentials, and who is trusted. */
  readonly policy: Partial<Policy>;
  readonly allowedAddresses: Allowed;
  /** Certificate authority (PEM) beside the system's, for addresses inside. */
  readonly ca?: string;
  /** Addresses are asked again after this (300 s), status lists too; a folder is read again when something in it changed. */
  readonly askAgainMs?: number;
  /** How long before its end a credential is expiring (14 days). */
  readonly expiringMs?: number;
};

export type CatalogueView = {
  readonly offerings: readonly Offering[];
  /** What is not an offer, and why. */
  readonly rejected: readonly { readonly source: string; readonly reason: string }[];
};

export type Catalogue = {
  view(owner: string): Promise<CatalogueView>;
  /** Judges these again and rewrites the offers that rest on them; `isAnew` (unless told otherwise): on evidence that is fetched anew, however young. */
  rejudge(owner: string, digests: readonly string[], isAnew?: boolean): Promise<Rejudged>;
  /** Every credential that is given, those inside presentations too, as they stand now. */
  judgements(owner: string): Promise<readonly Judgement[]>;
  readonly credentials: Credentials;
  /** Looks again at everything that is believed, each when it is due, until it is stopped. */
  watch(onError: (error: unknown) => void): Watch;
  readonly harvester: Harvester;
};

export type CatalogueOptions = { readonly store: Pick<Store, 'db'>; readonly config: CatalogueConfig; readonly now?: () => number };

/** What ended, what was taken back and what could not be fetched is looked at again after this. */
const againMsMax = 60_000;
/** Of one processor's time, at most this part goes into looking at everything again. */
const share = 0.05;

export function createCatalogue({ store, config, now = Date.now }: CatalogueOptions): Catalogue {
  const { sources, allowedAddresses, ca, askAgainMs = 300_000, expiringMs = usualCheckRules.expiringMs } = config;
  const policy = policyOf(config.policy);
  const rules = { allowed: allowedAddresses, ...(ca === undefined ? {} : { ca }) };
  const gatherer = createEvidenceGatherer({ ...rules, statusAgainMs: askAgainMs }, now);
  const bases = createBases(store);
  const rows = createReceivedRows(store);
  const harvester = createHarvester({ store, sources, rules, askAgainMs, now });
  const gathering = createGathering({ sources, rules, harvester, rows, askAgainMs, now });
  const standings = createStandings(store, checkRules(askAgainMs, expiringMs));
  const basis = sha256Hex(JSON.stringify([sources, policy]));
  const ingest = createIngest({ store, rows, gathering, gatherer, bases, judging: createJudge(bases.keyOf), standings, policy, basis, now });

  const running = new Map<string, Promise<void>>();
  /** Of the folders as they were read last. */
  let marks: string | null = null;
  let againMs = Math.min(askAgainMs, againMsMax);
  const begin = (owner: string, seen: string): Promise<void> => {
    const there = running.get(owner);
    if (there !== undefined) return there;
    const from = performance.now();
    const work = ingest.all(owner).then(() => {
      marks = seen;
      againMs = Math.min(askAgainMs, Math.max(againMsMax, (performance.now() - from) / share));
    });
    const ended = work.finally(() => running.delete(owner));
    running.set(owner, ended);
    return ended;
  };

  /** Waits where nothing is known, where what is known is too old or of another configuration, and where a folder has changed. */
  const settle = async (owner: string): Promise<void> => {
    const [last, seen] = await Promise.all([lastIngestion(store, owner), gathering.folderMarks()]);
    const age = last === null || last.basis !== basis ? Number.POSITIVE_INFINITY : Math.abs(now() - last.at);
    const isKnown = age < 2 * askAgainMs;
    const isChanged = marks !== null && marks !== seen;
    if (isKnown && !isChanged) {
      // whoever reads next is told if it fails again
      if (age >= againMs || marks === null) void begin(owner, seen).catch(() => {});
      return;
    }
    // what is under way may have read the folders before they changed
    await running.get(owner)?.catch(() => {});
    if (!isChanged || marks !== seen) await begin(owner, seen);
  };

  const standing = createStanding(store);
  return {
    async view(owner) {
      await settle(owner);
      const [offers, last] = await Promise.all([standing(owner), lastIngestion(store, owner)]);
      const at = now();
      const offerings = offers.flatMap((offer) => asOf(offer, at) ?? []);
      return { offerings, rejected: (last?.rejected ?? []).map(({ source, reason }) => ({ source, reason })) };
    },
    rejudge: ingest.again,
    async judgements(owner) {
      await settle(owner);
      return ingest.judged(owner, null);
    },
    watch: (onError) => startWatch({ standings, rejudge: (owner, digests) => ingest.again(owner, digests, false), onError, now }),
    harvester,
    credentials: createCredentials({ store, bases, settle, judged: ingest.judged, judge, history: standings.history, now }),
  };
}

/** Nothing is looked at again before the gatherer asks for it anew. */
const checkRules = (askAgainMs: number, expiringMs: number): CheckRules => {
  const { againMs } = usualCheckRules;
  return { ...usualCheckRules, expiringMs, againMs: { ...againMs, status: Math.min(againMs.status, askAgainMs) } };
};

const changesAtOnce = 2000;

/** Everything that stands, in the order of ids; only what changed is read. */
function createStanding(store: Pick<Store, 'db'>): (owner: string) => Promise<readonly StandingOffer[]> {
  type Known = { seq: number; readonly offers: Map<string, StandingOffer>; sorted: readonly StandingOffer[] | null };
  const known = new Map<string, Known>();
  const catchUp = async (owner: string): Promise<Known> => {
    const own: Known = known.get(owner) ?? { seq: 0, offers: new Map(), sorted: null };
    known.set(owner, own);
    for (;;) {
      const changes = await offerChanges(store, owner, own.seq, changesAtOnce);
      for (const { key, seq, offer } of changes) {
        if (offer === null) own.offers.delete(key);
        else own.offers.set(key, offer);
        own.seq = Math.max(own.seq, seq);
        own.sorted = null;
      }
      if (changes.length < changesAtOnce) return own;
    }
  };
  return async (owner) => {
    const own = await catchUp(owner);
    const idOf = ({ offering }: StandingOffer): string => offering.id + offering.provider;
    own.sorted ??= [...own.offers.values()].toSorted((left, right) => (idOf(left) < idOf(right) ? -1 : 1));
    return own.sorted;
  };
}
