// How members' credentials become known: at an address, on a notice board of events (/ces), in a federated catalogue (/xfsc), or by what a DID document names.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MemberData } from '../federation.ts';
import { answerFeeds } from './answerFeeds.ts';
import { createEventsService } from './eventsService.ts';
import { createFederatedCatalogue } from './federatedCatalogue.ts';
import type { State } from './state.ts';
import type { Names } from './statements.ts';

/** In turn, in the order of those who offer. */
const ways = ['xfsc', 'address', 'ces', 'did'] as const;

export type Announcing = {
  /** As a broker's configuration has them. */
  readonly sources: readonly (string | Readonly<Record<string, string>>)[];
  /** What was issued to it is announced. */
  announce(member: string): void;
  /** Whether this request was for one of the two services. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
};

type Options = { readonly url: string; readonly offering: readonly MemberData[]; readonly state: State; readonly names: Names; now(): number };

export function openAnnouncing({ url, offering, state, names, now }: Options): Announcing {
  const wayOf = new Map(offering.map(({ name }, index) => [name, ways[index % ways.length]]));
  const events = createEventsService(now, state.events);
  const catalogue = createFederatedCatalogue({ names: 'assets', token: null, now });
  const listed = new Map<string, readonly string[]>();
  const list = (member: string): void => {
    for (const hash of listed.get(member) ?? []) catalogue.setStatus(hash, 'deprecated');
    listed.set(
      member,
      (state.issued[member] ?? []).map(({ jwt }) => catalogue.upload(jwt, names.didOf(member))),
    );
  };
  // its events are on disk, its assets are what is issued now
  for (const [name, way] of wayOf) if (way === 'xfsc') list(name);
  /** As on live boards: whoever attests announces, and the offering that a label is for lies at its owner's. */
  const post = (member: string): void => {
    const issued = state.issued[member] ?? [];
    const hasLabel = issued.some(({ kind }) => kind === 'label');
    for (const { kind, jwt } of issued) if (kind !== 'offering' || !hasLabel) events.post(names.base(member), jwt);
  };
  const sourceOf = (member: string, way: (typeof ways)[number] | undefined): Announcing['sources'][number] =>
    way === 'did' ? { did: names.didOf(member) } : way === 'ces' || way === 'xfsc' ? { [way]: `${url}/${way}` } : `${names.base(member)}/credentials`;
  const sources = [...wayOf].map(([name, way]) => sourceOf(name, way));
  return {
    sources: [...new Map(sources.map((source) => [JSON.stringify(source), source])).values()],
    announce(member) {
      if (wayOf.get(member) === 'xfsc') list(member);
      if (wayOf.get(member) === 'ces') post(member);
    },
    answer: (request, response) => answerFeeds(request, response, { events, catalogue }),
  };
}
