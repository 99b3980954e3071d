// Follows who asks for what at a cluster of our own, and tells when it changes: their broker is another one, and says nothing to this one.
import { sql } from 'kysely';
import { type Cluster, grantName } from '../../clusters/index.ts';
import { type Kube, startInformer } from '../../clusters/io/index.ts';
import type { Store } from '../../store/io/store.ts';
import { grantData, tenantOf, wishOf } from '../consumer.ts';

type Options = { readonly store: Store; readonly onError: (error: unknown) => void };

/** A federation changes several of them at once. */
const settleMs = 500;
const authentication = 'authentication.liqo.io/v1beta1';

/** Until the signal ends it. */
export const watchConsumers =
  ({ store, onError }: Options) =>
  async ({ owner, name, side }: Cluster, kube: Kube, signal: AbortSignal): Promise<void> => {
    if (side !== 'consumer') return;
    let timer: NodeJS.Timeout | undefined;
    let last: string | undefined;
    const soon = (): void => {
      if (timer === undefined && !signal.aborted) timer = setTimeout(() => void tell().catch(onError), settleMs);
    };
    const common = { kube, signal, onChange: soon, onError };
    const textOf = (found: object | null): string | null => found && JSON.stringify(found);
    const informers = [
      startInformer<string>({ ...common, query: { apiVersion: authentication, kind: 'Tenant' }, project: (object) => textOf(tenantOf(object)) }),
      startInformer<string>({ ...common, query: { apiVersion: authentication, kind: 'ResourceSlice' }, project: (object) => textOf(wishOf(object)) }),
      startInformer<string>({
        ...common,
        query: { apiVersion: 'v1', kind: 'ConfigMap', fieldSelector: `metadata.name=${grantName}` },
        project: (object) => textOf([object.metadata.namespace, grantData(object)]),
      }),
    ];
    const tell = async (): Promise<void> => {
      timer = undefined;
      if (signal.aborted || !informers.every((informer) => informer.synced())) return;
      const text = JSON.stringify(informers.map((informer) => [...informer.values()].toSorted()));
      const isNews = last !== undefined && last !== text;
      last = text;
      if (!isNews) return;
      await store.db
        .insertInto('event')
        .values({ owner, operation: null, kind: 'consumers', data: JSON.stringify({ cluster: name }) })
        .execute();
      await sql`select pg_notify('hanse_event', '')`.execute(store.db);
    };
    await Promise.all(informers.map(({ ended }) => ended));
    clearTimeout(timer);
  };
