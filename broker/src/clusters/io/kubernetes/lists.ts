// Where objects are (paths, by discovery), and reading all of a kind page by page.
import { HanseError } from '../../../errors.ts';
import { type Discovery, groupPath, type Resource } from './discovery.ts';
import { answered, type What } from './failure.ts';
import type { Query, Ref } from './kube.ts';
import { type Page, parsePage } from './objects.ts';
import { request, type Scope, successOrNull } from './requests.ts';
import type { Transport } from './transport.ts';

/** One account at one cluster, with the guard and the signals of those who use it now. */
export type Session = { readonly cluster: string; readonly transport: Transport; readonly discovery: Discovery; readonly scope: Scope };

const pageSize = '500';
// 500 pages of 500 objects: more than any cluster is built for
const pagesMost = 500;
const restartsMost = 3;

const segment = (text: string): string => {
  if (text === '' || text === '.' || text === '..') throw new HanseError('INVALID_REQUEST', `"${text}" is not a name of an object`);
  return encodeURIComponent(text);
};

type Titled = { readonly kind: string; readonly namespace?: string; readonly name?: string };

const titled = ({ kind, namespace, name }: Titled): string => {
  const place = namespace === undefined ? name : `${namespace}/${name ?? '*'}`;
  return place === undefined ? kind : `${kind} ${place}`;
};

export const whatOf = ({ cluster }: Session, verb: string, object: Titled): What => ({
  cluster,
  verb,
  object: titled(object),
  secret: object.kind === 'Secret',
});

/** An aggregated API whose backend is down answers 503; its objects are not kept by this server, so that it has none for us. */
export const discover =
  ({ cluster, transport, scope }: Session) =>
  async (path: string): Promise<unknown> => {
    const what: What = { cluster, verb: 'discover', object: path, secret: false };
    const reply = await request(transport, scope, { method: 'GET', path, what });
    if (reply.status === 404 || (reply.status === 503 && path.startsWith('/apis/'))) return null;
    if (reply.status !== 200) throw answered(what, reply.status, reply.body);
    return reply.body;
  };

const find = (session: Session, { apiVersion, kind }: { apiVersion: string; kind: string }): Promise<Resource | null> =>
  session.discovery.find(apiVersion, kind, discover(session));

const collection = (resource: Resource, namespace: string | undefined): string => {
  const inside = resource.namespaced && namespace !== undefined ? `/namespaces/${segment(namespace)}` : '';
  return `${groupPath(resource.apiVersion)}${inside}/${resource.plural}`;
};

/** null: the cluster has no such kind. */
export const collectionPath = async (session: Session, of: Query | Ref): Promise<string | null> => {
  const resource = await find(session, of);
  return resource === null ? null : collection(resource, of.namespace);
};

/** null: the cluster has no such kind. */
export const objectPath = async (session: Session, ref: Ref): Promise<string | null> => {
  const resource = await find(session, ref);
  if (resource === null) return null;
  if (resource.namespaced && ref.namespace === undefined) throw new HanseError('INVALID_REQUEST', `${session.cluster}: ${titled(ref)} names no namespace`);
  return `${collection(resource, ref.namespace)}/${segment(ref.name)}`;
};

export const noSuchKind = (session: Session, verb: string, ref: Ref): HanseError =>
  new HanseError('CLUSTER_REJECTED', `${session.cluster}: ${verb} ${titled(ref)}: the cluster has no kind ${ref.kind} of ${ref.apiVersion}`, {
    fix: 'Install what defines the kind at that cluster, or correct apiVersion and kind.',
  });

/** null: the kind is gone; 'expired': the token of the next page is too old. */
const page = async (session: Session, query: Query, path: string, next: string | undefined): Promise<Page | null | 'expired'> => {
  const what = whatOf(session, 'list', query);
  const { labelSelector, fieldSelector } = query;
  const call = { method: 'GET', path, query: { limit: pageSize, continue: next, labelSelector, fieldSelector }, what } as const;
  if (next === undefined) {
    const first = await successOrNull(session.transport, session.scope, call);
    return first === null ? null : parsePage(first.body, query.apiVersion, query.kind, `${what.cluster}: ${what.object}`);
  }
  const reply = await request(session.transport, session.scope, call);
  if (reply.status === 410) return 'expired';
  if (reply.status !== 200) throw answered(what, reply.status, reply.body);
  return parsePage(reply.body, query.apiVersion, query.kind, `${what.cluster}: ${what.object}`);
};

const nothing: Page = { items: [], resourceVersion: '', next: undefined };

/** All pages of one version of the list. An absent kind is empty and has no version. */
export const listAll = async (session: Session, query: Query): Promise<Page> => {
  const path = await collectionPath(session, query);
  if (path === null) return nothing;
  for (let restart = 0; restart <= restartsMost; restart++) {
    const pages: Page[] = [];
    let next: string | undefined;
    while (pages.length < pagesMost) {
      const one = await page(session, query, path, next);
      if (one === null) {
        session.discovery.forget(query.apiVersion);
        return nothing;
      }
      // what was read does not belong together with what would follow: from the beginning
      if (one === 'expired') break;
      pages.push(one);
      next = one.next;
      if (next === undefined) return { items: pages.flatMap(({ items }) => items), resourceVersion: one.resourceVersion, next };
    }
    if (pages.length === pagesMost)
      throw new HanseError('TOO_LARGE', `${session.cluster}: list ${titled(query)}: more than ${pagesMost * Number(pageSize)} objects`);
  }
  throw new HanseError('CLUSTER_UNREACHABLE', `${session.cluster}: list ${titled(query)}: the list grew old before its last page, ${restartsMost + 1} times`);
};
