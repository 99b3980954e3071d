// The offers of an owner: gathered, kept byte for byte, judged again whenever they are asked for.
import type { Store } from '../../store/io/store.ts';
import type { Allowed } from '../../clusters/index.ts';
import { enclosedTokens, readReceived } from '../credential.ts';
import { judge, offeringsOf, policyOf } from '../index.ts';
import type { Judgement, Offering, Policy } from '../index.ts';
import { sha256Hex } from '../pure-crypto.ts';
import { createBases } from './bases.ts';
import { createCredentials } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { createEvidenceGatherer } from './gatherEvidence.ts';
import { createHarvester, type Harvester } from './harvest/harvester.ts';
import { nameOf, type Source } from './harvest/source.ts';
import { createJudge } from './judging.ts';
import { gather } from './sources.ts';
import type { Gathered, Received } from './sources.ts';

export type CatalogueConfig = {
  readonly sources: readonly Source[];
  /** What is asked of credentials, and who is trusted. */
  readonly policy: Partial<Policy>;
  readonly allowedAddresses: Allowed;
  /** Certificate authority (PEM) beside the system's, for addresses inside. */
  readonly ca?: string;
  /** Addresses are asked again after this (300 s), status lists too; folders are read every time. */
  readonly askAgainMs?: number;
};

export type CatalogueView = {
  readonly offerings: readonly Offering[];
  /** What is not an offer, and why. */
  readonly rejected: readonly { readonly source: string; readonly reason: string }[];
  /** Every credential, those inside presentations too. */
  readonly judgements: readonly Judgement[];
};

export type Catalogue = { view(owner: string): Promise<CatalogueView>; readonly credentials: Credentials; readonly harvester: Harvester };

export type CatalogueOptions = { readonly store: Pick<Store, 'db'>; readonly config: CatalogueConfig; readonly now?: () => number };

export function createCatalogue({ store, config, now = Date.now }: CatalogueOptions): Catalogue {
  const { sources, allowedAddresses, ca, askAgainMs = 300_000 } = config;
  const policy = policyOf(config.policy);
  const rules = { allowed: allowedAddresses, ...(ca === undefined ? {} : { ca }) };
  const gatherer = createEvidenceGatherer({ ...rules, statusAgainMs: askAgainMs }, now);
  const bases = createBases(store);
  const judging = createJudge(bases.keyOf);
  const harvester = createHarvester({ store, sources, rules, askAgainMs, now });
  const kept = new Map<string, { readonly gathered: Gathered; readonly until: number }>();

  const from = async (owner: string, source: Source): Promise<Gathered> => {
    const name = nameOf(source);
    const known = kept.get(name);
    if (known !== undefined && known.until > now()) return known.gathered;
    const fresh = await gather(owner, source, rules, harvester);
    const isAddress = typeof source === 'string' && source.includes('://');
    // an address that does not answer today said something yesterday: its credentials hold until they expire
    const gathered = isAddress && fresh.failures.length > 0 ? { ...fresh, received: await lastFrom(store, owner, name) } : fresh;
    if (isAddress) kept.set(name, { gathered, until: now() + askAgainMs });
    return gathered;
  };

  const view: Catalogue['view'] = async (owner) => {
    const gathered = await Promise.all(sources.map((source) => from(owner, source)));
    const received = gathered.flatMap((each) => each.received);
    const all = [...received, ...received.flatMap(insideOf)];
    await keep(store, owner, { received: all, at: new Date(now()) });
    const evidence = await gatherer.gather(
      received.map(({ text }) => text),
      policy,
    );
    const at = new Date(now());
    const judgements = received.map(({ text }) => judging(text, evidence, policy, at));
    const { offerings, rejected, judgements: together } = offeringsOf(judgements, policy);
    await bases.keep(
      owner,
      all.map(({ text }) => ({ digest: sha256Hex(text), received: text })),
      { evidence, policy, at },
    );
    const sourceOf = new Map(all.map(({ source, text }) => [sha256Hex(text), source]));
    const refused = rejected.map(({ digest, reason }) => ({ source: sourceOf.get(digest) ?? digest, reason }));
    return { offerings, judgements: together, rejected: [...gathered.flatMap(({ failures }) => failures), ...refused] };
  };
  return { view, harvester, credentials: createCredentials({ store, bases, view, judge, now }) };
}

/** Under a name of their own: what a source gave is not what stood inside of it. */
function insideOf({ source, text }: Received): Received[] {
  const read = readReceived(text);
  if ('part' in read || read.kind === 'credential') return [];
  return enclosedTokens(read).map((each) => ({ source: `${source} (in ${sha256Hex(text).slice(0, 12)})`, text: each }));
}

type Kept = { readonly received: readonly Received[]; readonly at: Date };

const rowsAtOnce = 1000;

async function keep({ db }: Pick<Store, 'db'>, owner: string, { received, at }: Kept): Promise<void> {
  const distinct = new Map(received.map(({ text, source }) => [sha256Hex(text), { text, source }]));
  const rows = [...distinct].map(([digest, { text, source }]) => ({
    digest,
    owner,
    bytes: Buffer.from(text),
    media_type: mediaTypeOf(text),
    source,
    received_at: at,
  }));
  for (let from = 0; from < rows.length; from += rowsAtOnce)
    await db
      .insertInto('credential')
      .values(rows.slice(from, from + rowsAtOnce))
      .onConflict((conflict) => conflict.columns(['owner', 'digest']).doUpdateSet({ received_at: at }))
      .execute();
}

function mediaTypeOf(text: string): string {
  const read = readReceived(text);
  if ('part' in read) return /^\s*[{[]/.test(text) ? 'application/json' : 'application/jwt';
  return read.kind === 'presentation' ? 'application/vp+jwt' : 'application/vc+jwt';
}

/** What this source gave the last time it answered: those rows were written together. */
async function lastFrom({ db }: Pick<Store, 'db'>, owner: string, source: string): Promise<Received[]> {
  const rows = await db
    .selectFrom('credential')
    .select(['bytes', 'received_at'])
    .where('owner', '=', owner)
    .where('source', '=', source)
    .orderBy('received_at', 'desc')
    .execute();
  const last = rows[0]?.received_at.getTime();
  return rows.filter(({ received_at: at }) => at.getTime() === last).map(({ bytes }) => ({ source, text: new TextDecoder().decode(bytes) }));
}
