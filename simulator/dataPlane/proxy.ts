// What a cluster's nodes send a Service's connections to: the EndpointSlices as they were a moment ago, as with the real kube-proxy.
import type { Member } from '../apiServer.ts';
import { at, label, rows, text } from '../controllers/read.ts';
import { destination } from '../controllers/liqo/network.ts';
import type { Stored } from '../object.ts';
import { podKey } from './pods.ts';

export type Proxy = {
  /** The next pod for a connection to that Service, by its key; undefined: it has no endpoint, or no way leads to the next one's address. */
  pick(namespace: string, service: string): string | undefined;
  close(): void;
};

/** Milliseconds between a change of a slice and the nodes' tables. */
export type Lag = { readonly msMin: number; readonly msMax: number };

export function startProxy({ objects }: Member, { msMin, msMax }: Lag): Proxy {
  /** Service → slice → pods; a Service may have several slices, one of them passed on from home. */
  const table = new Map<string, Map<string, Usable>>();
  const timers = new Set<NodeJS.Timeout>();
  /** Two timers that are due in the same millisecond fire in any order: each applies the oldest change, not its own. */
  const changes: (() => void)[] = [];
  let turn = 0;
  let lastAppliesAt = 0;
  const apply = (slice: Stored, isGone: boolean): void => {
    const key = `${slice.metadata.namespace ?? ''}/${label(slice, 'kubernetes.io/service-name')}`;
    const slices = table.get(key) ?? new Map<string, Usable>();
    table.set(key, slices);
    if (isGone) slices.delete(slice.metadata.name);
    else slices.set(slice.metadata.name, usableOf(slice));
    if (slices.size === 0) table.delete(key);
  };
  for (const slice of objects.all('discovery.k8s.io/v1', 'EndpointSlice')) apply(slice, false);
  const stop = objects.onChange(({ kind, object, type }) => {
    if (kind.kind !== 'EndpointSlice') return;
    // tables are written in the order of the changes
    lastAppliesAt = Math.max(lastAppliesAt, Date.now() + msMin + Math.random() * (msMax - msMin));
    changes.push(() => apply(object, type === 'DELETED'));
    const timer = setTimeout(() => {
      timers.delete(timer);
      changes.shift()?.();
    }, lastAppliesAt - Date.now());
    timers.add(timer);
  });
  return {
    pick(namespace, service) {
      const slices = [...(table.get(`${namespace}/${service}`)?.values() ?? [])];
      const ready = slices.flatMap((slice) => slice.ready);
      // without any, those that still serve while they end (KEP-1669)
      const keys = ready.length > 0 ? ready : slices.flatMap((slice) => slice.serving);
      turn += 1;
      const [address, name] = keys[turn % keys.length]?.split('/') ?? [];
      const arrives = address === undefined ? null : destination(objects, address);
      return arrives === null || name === undefined ? undefined : podKey(arrives, name);
    },
    close() {
      stop();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

type Usable = { readonly ready: readonly string[]; readonly serving: readonly string[] };

function usableOf(slice: Stored): Usable {
  const are = (condition: string): string[] =>
    rows(slice, 'endpoints')
      .filter((endpoint) => at(endpoint, `conditions.${condition}`) === true)
      .map((endpoint) => podKey(String(Array.isArray(endpoint.addresses) ? endpoint.addresses[0] : ''), text(endpoint, 'targetRef.name')));
  return { ready: are('ready'), serving: are('serving') };
}
