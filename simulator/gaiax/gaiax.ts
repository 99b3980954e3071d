// Gaia-X round the demo federation: did:web documents over https, and the credentials of each member where its kind of publishing puts them.
import { createServer } from 'node:https';
import type { Plain } from '../fields.ts';
import type { MemberData, Offer } from '../federation.ts';
import type { Disk } from '../disk.ts';
import { listenAt } from '../ports.ts';
import { openAnnouncing, type Announcing } from './announce.ts';
import { certify } from './certificates.ts';
import { answerClearingHouse } from './clearingHouse.ts';
import { answerRegistry, type RegistryWay } from './registry.ts';
import { answerTo, listAddress, signed } from './serve.ts';
import { newKey, newState, part, readState, type State, untouched } from './state.ts';
import { kinds, statement, type Names, type StatementKind } from './statements.ts';
import { purposes, statusIndex, type Purpose } from './statusList.ts';
import { pinnedVocabulary } from './vocabulary.ts';

export type GaiaX = {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** PEM of the authority of its server's certificate. */
  readonly authority: string;
  /** PEM of the root that the certificates of all signing keys end in. */
  readonly anchor: string;
  /** Contexts and shapes that it serves, with their digests. */
  readonly vocabulary: ReturnType<typeof pinnedVocabulary>;
  /** Address of a registry that knows that root, until it is told otherwise. */
  readonly registry: string;
  /** Where each member's credentials lie together. */
  readonly sources: readonly string[];
  /** How they become known, as a broker's configuration has it: each kind of source for some. */
  readonly published: Announcing['sources'];
  /** Who may attest what: DID → roles. */
  readonly trustedIssuers: Readonly<Record<string, { readonly roles: readonly string[] }>>;
  /** EUR per vCPU and hour; the label covers the new offering. */
  setPrice(member: string, price: number): Promise<void>;
  /** Its issuer takes it back for good, or (`suspension`) for as long as it likes: it is served as before, and the issuer's list says that it does not count. */
  mark(purpose: Purpose, member: string, kind: StatementKind, isSet?: boolean): Promise<void>;
  /** Everything of it is issued anew, this one for so many milliseconds only; without, as usual. */
  renew(member: string, ending?: { readonly kind: StatementKind; readonly lifeMs: number }): Promise<void>;
  /** DID document, lists and credentials of a member or an issuer are not answered any more, or again. */
  hide(name: string, isHidden?: boolean): Promise<void>;
  /** The registry knows the root, knows it no longer, or answers nobody. */
  turnRegistry(way: RegistryWay): Promise<void>;
  /** As the federation's data has it. */
  reset(): Promise<void>;
  close(): Promise<void>;
};

const dayMs = 86_400_000;
const lifeMs = 90 * dayMs;
const renewMs = 30 * dayMs;
const attesting = { notary: 'notary', labels: 'labelIssuer', certification: 'certificationBody' } as const;
/** What credentials look like: another number, and all are issued anew. */
const form = 2;

type Options = {
  readonly disk: Disk;
  readonly members: readonly MemberData[];
  now(): number;
  /** PEM of the authorities of web servers that the clearing house asks beside its own. */
  readonly authorities?: string;
};
type Offering = { readonly member: MemberData; readonly offer: Offer };

export async function startGaiaX({ disk, members, now, authorities = '' }: Options): Promise<GaiaX> {
  const offering = members.flatMap((member): Offering[] => (member.offer ? [{ member, offer: member.offer }] : []));
  const state = readState(disk.read(part)) ?? (await newState(Object.keys(attesting)));
  for (const { member } of offering) state.keys[member.name] ??= newKey();
  if (Object.keys(state.keys).some((name) => state.certified.chains[name] === undefined)) state.certified = await certify(state.keys, now());
  const server = createServer({ cert: state.authority.certPem, key: state.authority.keyPem }, (request, response) => {
    if (answerClearingHouse(request, response, clearing) || answerRegistry(request, response, { state }) || announcing.answer(request, response)) return;
    const found = answerTo(request.url ?? '/', { state, names, now: now() });
    response.writeHead(found === null ? 404 : 200, { 'content-type': found?.type ?? 'text/plain' });
    response.end(found?.text ?? 'nothing is here\n');
  });
  const port = await listenAt(server, disk, part);
  const url = `https://127.0.0.1:${port}`;
  const names: Names = {
    didOf: (name) => `did:web:127.0.0.1%3A${port}:${name}`,
    base: (member) => `${url}/${member}`,
    statusOf: (issuer, member, kind) =>
      purposes.map((purpose) => ({
        type: 'BitstringStatusListEntry',
        statusPurpose: purpose,
        statusListIndex: String(statusIndex(`${member}/${kind}`)),
        statusListCredential: listAddress(names, issuer, purpose),
      })),
  };
  const announcing = openAnnouncing({ url, offering: offering.map(({ member }) => member), state, names, now });
  const clearing = {
    didOf: names.didOf,
    sign: (issuer: string, payload: Plain) => signed(payload, names.didOf(issuer), state.keys[issuer]),
    now,
    authorities: state.authority.caPem + authorities,
  };
  const save = (): Promise<void> => disk.write(part, state);

  const issue = ({ member, offer }: Offering): void => {
    const at = now();
    const validityOf = (kind: StatementKind) => ({ from: at - 60_000, until: state.ends[`${member.name}/${kind}`] ?? at + lifeMs });
    const price = state.prices[member.name] ?? offer.eurPerVcpuHour;
    state.issued[member.name] = kinds.flatMap((kind) => {
      const said = statement(kind, member, offer, price, names, validityOf);
      return said === null ? [] : [{ kind, until: validityOf(kind).until, jwt: signed(said.payload, names.didOf(said.issuer), state.keys[said.issuer]) }];
    });
    announcing.announce(member.name);
  };
  const reissue = async (name: string): Promise<void> => {
    const found = offering.find(({ member }) => member.name === name);
    if (!found) throw new Error(`${name} offers nothing`);
    issue(found);
    await save();
  };
  const words = JSON.stringify([form, pinnedVocabulary('')]);
  const isOld = (name: string): boolean => state.words !== words || !(state.issued[name] ?? []).some(({ until }) => until > now() + renewMs);
  for (const each of offering) if (isOld(each.member.name)) issue(each);
  state.words = words;
  await save();

  return {
    url,
    authority: state.authority.caPem,
    anchor: state.certified.anchor,
    registry: `${url}/registry`,
    vocabulary: pinnedVocabulary(url),
    sources: offering.map(({ member }) => `${url}/${member.name}/credentials`),
    published: announcing.sources,
    trustedIssuers: Object.fromEntries(Object.entries(attesting).map(([name, role]) => [names.didOf(name), { roles: [role] }])),
    async setPrice(member, price) {
      state.prices[member] = price;
      await reissue(member);
    },
    async mark(purpose, member, kind, isSet = true) {
      assertHas(state, member, kind);
      const others = state.set[purpose].filter((each) => each !== `${member}/${kind}`);
      state.set[purpose] = isSet ? [...others, `${member}/${kind}`] : others;
      await save();
    },
    async renew(member, ending) {
      if (ending) assertHas(state, member, ending.kind);
      state.ends = Object.fromEntries(Object.entries(state.ends).filter(([each]) => !each.startsWith(`${member}/`)));
      if (ending) state.ends[`${member}/${ending.kind}`] = now() + ending.lifeMs;
      await reissue(member);
    },
    async hide(name, isHidden = true) {
      if (state.keys[name] === undefined) throw new Error(`nobody here is called ${name}; there are: ${Object.keys(state.keys).join(', ')}`);
      state.hidden = [...state.hidden.filter((each) => each !== name), ...(isHidden ? [name] : [])];
      await save();
    },
    async turnRegistry(way) {
      state.registry = way;
      await save();
    },
    async reset() {
      Object.assign(state, untouched());
      for (const each of offering) issue(each);
      await save();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function assertHas({ issued }: State, member: string, kind: StatementKind): void {
  if (!(issued[member] ?? []).some((each) => each.kind === kind)) throw new Error(`${member} has no credential "${kind}"`);
}
