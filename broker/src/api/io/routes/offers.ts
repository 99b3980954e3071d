// One offer with everything that stands behind it: held against the criteria, each credential judged, and what became of them.
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { jsonObject, routes } from '../../../../../contract/src/index.ts';
import type { Offer, OfferDetail } from '../../../../../contract/src/index.ts';
import { HanseError } from '../../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import { serve } from '../serve.ts';

const turnsMost = 200;
const offersMost = 1000;
/** Of the credentials that facts name: a provider decides how many there are. */
const shownMost = 200;

export const serveOffer = (app: FastifyInstance, deps: ApiDeps): void => {
  serve(app, routes.getOffer, async ({ params, query, by }) => {
    const asked = { where: query.where ?? [], prefer: query.prefer ?? [], text: '', facets: [], offset: 0, limit: offersMost };
    const { items } = await deps.offers(by.owner, { ...asked, named: [params.name] });
    const offer = offerNamed(items, params.name);
    // what was measured has none
    const named = new Set(offer.offering.facts.flatMap(({ assurance, credential }) => (assurance === 'measured' ? [] : [credential])));
    const digests = [...named].slice(0, shownMost);
    const { lapsed, past } = await deps.credentials.beside(by.owner, digests);
    const [credentials, history] = await Promise.all([
      deps.credentials.shown(by.owner, [...digests, ...lapsed]),
      turnsOf(deps, by.owner, [...digests, ...lapsed, ...past]),
    ]);
    return { offer, credentials: credentials.map(({ received: _, ...judged }) => judged), history };
  });
};

/** A name of ours before an id, an id before what its provider calls it. NOT_FOUND, also where two are called so. */
const offerNamed = (items: readonly Offer[], name: string): Offer => {
  const found = items.find(({ cluster }) => cluster === name) ?? items.find(({ offering }) => offering.id === name);
  if (found !== undefined) return found;
  const [called, other] = [...new Map(items.map((offer) => [offer.offering.id, offer])).values()].filter(({ offering }) => offering.name === name);
  if (called === undefined) throw new HanseError('NOT_FOUND', `There is no offer ${name}.`, { fix: 'hanse offers lists them.' });
  if (other === undefined) return called;
  throw new HanseError('NOT_FOUND', `More than one offer is called ${name}.`, {
    fix: `Give its id: ${[called, other].map(({ offering }) => offering.id).join(', ')}, …`,
  });
};

const turnsOf = async ({ store }: ApiDeps, owner: string, digests: readonly string[]): Promise<OfferDetail['history']> => {
  if (digests.length === 0) return [];
  const rows = await store.db
    .selectFrom('audit_event')
    .select(['at', 'action', 'subject', 'detail'])
    .where('owner', '=', owner)
    // the very words of the index
    .where(sql<boolean>`action like 'credential.%'`)
    .where('subject', 'in', digests)
    .orderBy('seq', 'desc')
    .limit(turnsMost)
    .execute();
  return rows.map(({ at, action, subject, detail: stored }) => {
    const detail = jsonObject.parse(stored);
    return {
      digest: subject,
      at: at.toISOString(),
      state: action.slice('credential.'.length),
      from: textIn(detail['from']),
      why: textIn(detail['why']),
    };
  });
};

const textIn = (value: unknown): string | null => (typeof value === 'string' ? value : null);
