// The offers of an owner: gathered, kept byte for byte, judged again whenever they are asked for.
import type { Store } from '../../store/io/store.ts';
import type { Allowed } from '../../clusters/index.ts';
import { judge, offeringsOf } from '../index.ts';
import type { Judgement, Offering, TrustedIssuer } from '../index.ts';
import { readCredential } from '../credential.ts';
import { sha256Hex } from '../pure-crypto.ts';
import { createDidDocuments } from './didWeb.ts';
import { gather } from './sources.ts';
import type { Gathered, Received } from './sources.ts';

export type CatalogueConfig = {
  /** Folders or https addresses. */
  readonly sources: readonly string[];
  readonly issuers: readonly TrustedIssuer[];
  readonly allowedAddresses: Allowed;
  /** Certificate authority (PEM) beside the system's, for addresses inside. */
  readonly ca?: string;
  /** Addresses are asked again after this (300 s); folders are read every time. */
  readonly askAgainMs?: number;
};

export type CatalogueView = {
  readonly offerings: readonly Offering[];
  /** What is not an offer, and why. */
  readonly rejected: readonly { readonly source: string; readonly reason: string }[];
  readonly judgements: readonly Judgement[];
};

export type Catalogue = { view(owner: string): Promise<CatalogueView> };

export type CatalogueOptions = { readonly store: Pick<Store, 'db'>; readonly config: CatalogueConfig; readonly now?: () => number };

export function createCatalogue({ store, config, now = Date.now }: CatalogueOptions): Catalogue {
  const { sources, issuers, allowedAddresses, ca, askAgainMs = 300_000 } = config;
  const rules = { allowed: allowedAddresses, ...(ca === undefined ? {} : { ca }) };
  const documents = createDidDocuments(rules, now);
  const kept = new Map<string, { readonly gathered: Gathered; readonly until: number }>();

  const from = async (owner: string, source: string): Promise<Gathered> => {
    const known = kept.get(source);
    if (known !== undefined && known.until > now()) return known.gathered;
    const fresh = await gather(source, rules);
    const isAddress = source.includes('://');
    // an address that does not answer today said something yesterday: its credentials hold until they expire
    const gathered = isAddress && fresh.failures.length > 0 ? { ...fresh, received: await lastFrom(store, owner, source) } : fresh;
    if (isAddress) kept.set(source, { gathered, until: now() + askAgainMs });
    return gathered;
  };

  return {
    async view(owner) {
      const gathered = await Promise.all(sources.map((source) => from(owner, source)));
      const received = gathered.flatMap((each) => each.received);
      await keep(store, owner, { received, at: new Date(now()) });
      const named = received.map(({ text }) => readCredential(text)).flatMap((credential) => ('part' in credential ? [] : [credential.payload.issuer]));
      const configured = new Set(issuers.filter(({ keys }) => keys.length > 0).map(({ id }) => id));
      const evidence = { issuers, documents: await documents.documentsOf(named.filter((issuer) => !configured.has(issuer))) };
      const judgements = received.map(({ text }) => judge(text, evidence, new Date(now()).toISOString()));
      const { offerings, rejected } = offeringsOf(judgements, issuers);
      const sourceOf = new Map(received.map(({ source, text }) => [sha256Hex(text), source]));
      const refused = rejected.map(({ digest, reason }) => ({ source: sourceOf.get(digest) ?? digest, reason }));
      return { offerings, judgements, rejected: [...gathered.flatMap(({ failures }) => failures), ...refused] };
    },
  };
}

type Kept = { readonly received: readonly Received[]; readonly at: Date };

async function keep({ db }: Pick<Store, 'db'>, owner: string, { received, at }: Kept): Promise<void> {
  const distinct = new Map(received.map(({ text, source }) => [sha256Hex(text), { text, source }]));
  if (distinct.size === 0) return;
  const rows = [...distinct].map(([digest, { text, source }]) => ({
    digest,
    owner,
    bytes: Buffer.from(text),
    media_type: 'application/vc+jwt',
    source,
    received_at: at,
  }));
  await db
    .insertInto('credential')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['owner', 'digest']).doUpdateSet({ received_at: at }))
    .execute();
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
