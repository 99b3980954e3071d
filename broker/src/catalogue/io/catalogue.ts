// The offers of an owner, read from rows: who asks begins a new ingestion where the last is old, and waits for it only where too little is known.
import type { Store } from '../../store/io/store.ts';
import type { Allowed } from '../../clusters/index.ts';
import { judge, policyOf } from '../index.ts';
import type { Offering, Policy } from '../index.ts';
import { usualCheckRules } from '../lifecycle.ts';
import type { CheckRules } from '../lifecycle.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { asOf } from '../standing.ts';
import type { StandingOffer } from '../standing.ts';
import { tiesOf } from '../words.ts';
import { createBases } from './bases.ts';
import { createBeside } from './beside.ts';
import { createClaims } from './claims.ts';
import { createCredentials } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { alone } from './folders.ts';
import type { Broker } from './folders.ts';
import { createEvidenceGatherer } from './gatherEvidence.ts';
import { createGathering } from './gathering.ts';
import { createHarvester, type Harvester } from './harvest/harvester.ts';
import { heldMax as usualHeldMax, type HeldMax } from './harvest/limits.ts';
import { createHarvestRows } from './harvest/rows.ts';
import { nameOf, type Source } from '../source.ts';
import { createIngest } from './ingest.ts';
import type { Rejudged } from './ingest.ts';
import { createJudge } from './judging.ts';
import { lastIngestion, newestChange, offerChanges, readOffers } from './offerRows.ts';
import type { OfferChange } from './offerRows.ts';
import { createStandings } from './standings.ts';
import { sweepCredentials } from './sweep.ts';
import { startWatch } from './watch.ts';
import type { Watch } from './watch.ts';
import { createReceivedRows } from './received.ts';
import { createPlain } from './sources.ts';

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
  /** How much is kept of one source. */
  readonly heldMax?: HeldMax;
  /** For how long what no source gives and nothing rests on is kept (30 days). */
  readonly keptMs?: number;
};

export type CatalogueView = {
  readonly offerings: readonly Offering[];
  /** What is not an offer, and why. */
  readonly rejected: readonly { readonly source: string; readonly reason: string }[];
};

export type Catalogue = {
  /** Every offer, or, where there are more than 1000, those of these clusters (Liqo cluster ids). */
  view(owner: string, clusters?: readonly string[]): Promise<CatalogueView>;
  /** What is not an offer, and why. Waits as `view` does. */
  rejected(owner: string): Promise<CatalogueView['rejected']>;
  /** What changed behind that number, in the order in which it did; unpacked by `unpackTold`. */
  changes(owner: string, after: number, limit: number): Promise<readonly OfferChange[]>;
  /** By their keys, as they count now. */
  find(owner: string, keys: readonly string[]): Promise<ReadonlyMap<string, Offering>>;
  /** Judges these again and rewrites the offers that rest on them; `isAnew` (unless told otherwise): on evidence that is fetched anew, however young. */
  rejudge(owner: string, digests: readonly string[], isAnew?: boolean): Promise<Rejudged>;
  readonly credentials: Credentials;
  /** Looks again at everything that is believed, each when it is due, until it is stopped. */
  watch(onError: (error: unknown) => void): Watch;
  readonly harvester: Harvester;
};

export type CatalogueOptions = {
  readonly store: Pick<Store, 'db'>;
  readonly config: CatalogueConfig;
  /** Whose disk the folders are on. */
  readonly broker?: Broker;
  readonly now?: () => number;
};

const usualKeptMs = 30 * 86_400_000;
/** What ended, what was taken back and what could not be fetched is looked at again after this. */
const againMsMax = 60_000;
/** Of one processor's time, at most this part goes into looking at everything again. */
const share = 0.05;

export function createCatalogue({ store, config, broker = alone, now = Date.now }: CatalogueOptions): Catalogue {
  const { sources, allowedAddresses, ca, askAgainMs = 300_000, expiringMs = usualCheckRules.expiringMs, heldMax = usualHeldMax, keptMs = usualKeptMs } = config;
  const policy = policyOf(config.policy);
  const rules = { allowed: allowedAddresses, ...(ca === undefined ? {} : { ca }) };
  const gatherer = createEvidenceGatherer({ ...rules, statusAgainMs: askAgainMs }, now);
  const bases = createBases(store);
  const rows = createReceivedRows(store, policy);
  const harvester = createHarvester({ store, sources, rules, askAgainMs, heldMax, now });
  const readPlain = createPlain({ rows: createHarvestRows(store), rules, askAgainMs, heldMax, reader: { ...broker, seen: new Map() }, now });
  const gathering = createGathering({ sources, readPlain, harvester, now });
  const standings = createStandings(store, checkRules(askAgainMs, expiringMs));
  const basis = sha256Hex(JSON.stringify([sources, policy]));
  const ingest = createIngest({
    store,
    rows,
    gathering,
    gatherer,
    bases,
    judging: createJudge(bases.keyOf),
    standings,
    claims: createClaims(store),
    policy,
    basis,
    now,
  });

  const running = new Map<string, Promise<void>>();
  /** Of the folders as they were read last. */
  let marks: string | null = null;
  let [againMs, restsUntil] = [Math.min(askAgainMs, againMsMax), 0];
  /** Owners whose services gave or took back something since. */
  const isStale = new Set<string>();
  const begin = (owner: string, seen: string): Promise<void> => {
    const there = running.get(owner);
    if (there !== undefined) return there;
    const from = performance.now();
    isStale.delete(owner);
    const work = ingest.all(owner).then(async () => {
      await sweepCredentials(store, owner, { sources: sources.map(nameOf), keptMs, now: now() });
      const restMs = (performance.now() - from) / share;
      marks = seen;
      againMs = Math.min(askAgainMs, Math.max(againMsMax, restMs));
      restsUntil = now() + restMs;
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

  /** What lies in folders and at addresses changes without anybody telling, and of a broker that only shares it nobody may ask for offers. */
  const isPlainDue = async (owner: string): Promise<boolean> => {
    if (running.has(owner) || sources.every((source) => typeof source !== 'string')) return false;
    const age = now() - ((await lastIngestion(store, owner))?.at ?? Number.NEGATIVE_INFINITY);
    return age >= Math.max(askAgainMs, againMs) || (marks !== null && marks !== (await gathering.folderMarks()));
  };
  /** What sources gave is looked at without anybody asking; at once where somebody waits for it. */
  const harvest: Harvester['harvest'] = async (owner, isForced = false) => {
    const [hasChanged, isDue] = await Promise.all([harvester.harvest(owner, isForced), isPlainDue(owner)]);
    if (hasChanged || isDue) isStale.add(owner);
    if (!isStale.has(owner) || (!isForced && (running.has(owner) || now() < restsUntil))) return hasChanged;
    // what is under way may have begun before
    await running.get(owner)?.catch(() => {});
    if (isStale.has(owner)) await begin(owner, await gathering.folderMarks());
    return hasChanged;
  };

  const standing = createStanding(store);
  const beside = createBeside({ store, asksOf: (received) => tiesOf(received, policy).asks, policy });
  const rejected = async (owner: string): Promise<CatalogueView['rejected']> => {
    await settle(owner);
    return ((await lastIngestion(store, owner))?.rejected ?? []).map(({ source, reason }) => ({ source, reason }));
  };
  return {
    async view(owner, clusters = []) {
      const refused = await rejected(owner);
      const at = now();
      return { offerings: (await standing(owner, clusters)).flatMap((offer) => asOf(offer, at) ?? []), rejected: refused };
    },
    rejected,
    changes: (owner, after, limit) => offerChanges(store, owner, after, limit),
    async find(owner, keys) {
      const at = now();
      const found = await readOffers(store, owner, { keys });
      return new Map(
        found.flatMap(({ key, offer }) => {
          const offering = asOf(offer, at);
          return offering === null ? [] : [[key, offering] as const];
        }),
      );
    },
    rejudge: ingest.again,
    watch: (onError) => startWatch({ standings, rejudge: (owner, digests) => ingest.again(owner, digests, false), onError, now }),
    harvester: { ...harvester, harvest },
    credentials: createCredentials({ store, rows, bases, settle, judged: ingest.judged, judge, history: standings.history, beside, now }),
  };
}

/** Nothing is looked at again before the gatherer asks for it anew. */
const checkRules = (askAgainMs: number, expiringMs: number): CheckRules => {
  const { againMs } = usualCheckRules;
  return { ...usualCheckRules, expiringMs, againMs: { ...againMs, status: Math.min(againMs.status, askAgainMs) } };
};

/** Offers that are read into memory as a whole; of more than this, those of clusters that are asked for. */
const wholeMax = 1000;

/** In the order of ids; read from the table when something there has changed. */
function createStanding(store: Pick<Store, 'db'>): (owner: string, clusters: readonly string[]) => Promise<readonly StandingOffer[]> {
  const known = new Map<string, { readonly seq: number; readonly offers: readonly StandingOffer[] | null }>();
  const inOrder = (found: readonly { readonly offer: StandingOffer }[]): readonly StandingOffer[] => {
    const idOf = ({ offering }: StandingOffer): string => offering.id + offering.provider;
    return found.map(({ offer }) => offer).toSorted((left, right) => (idOf(left) < idOf(right) ? -1 : 1));
  };
  return async (owner, clusters) => {
    const seq = await newestChange(store, owner);
    let own = known.get(owner);
    if (own?.seq !== seq) {
      const found = await readOffers(store, owner, { most: wholeMax + 1 });
      own = { seq, offers: found.length > wholeMax ? null : inOrder(found) };
      known.set(owner, own);
    }
    return own.offers ?? inOrder(await readOffers(store, owner, { clusters }));
  };
}
