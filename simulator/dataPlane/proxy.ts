// What a cluster's nodes send a Service's connections to: the EndpointSlices as they were a moment ago, as with the real kube-proxy.
import type { Member } from '../apiServer.ts';
import { at, label, rows, text } from '../controllers/read.ts';
import type { Stored } from '../object.ts';
import { podKey } from './pods.ts';

export type Proxy = {
  /** The next pod for a connection to that Service, by its key; undefined: it has no endpoint. */
  pick(namespace: string, service: string): string | undefined;
  close(): void;
};

/** Milliseconds between a change of a slice and the nodes' tables. */
export type Lag = { readonly msMin: number; readonly msMax: number };

export function startProxy({ objects }: Member, { msMin, msMax }: Lag): Proxy {
  const table = new Map<string, readonly string[]>();
  const timers = new Set<NodeJS.Timeout>();
  let turn = 0;
  let lastAppliesAt = 0;
  const apply = (slice: Stored, isGone: boolean): void => {
    const key = `${slice.metadata.namespace ?? ''}/${label(slice, 'kubernetes.io/service-name')}`;
    if (isGone) table.delete(key);
    else table.set(key, keysOf(slice));
  };
  for (const slice of objects.all('discovery.k8s.io/v1', 'EndpointSlice')) apply(slice, false);
  const stop = objects.onChange(({ kind, object, type }) => {
    if (kind.kind !== 'EndpointSlice') return;
    // tables are written in the order of the changes
    lastAppliesAt = Math.max(lastAppliesAt, Date.now() + msMin + Math.random() * (msMax - msMin));
    const timer = setTimeout(() => {
      timers.delete(timer);
      apply(object, type === 'DELETED');
    }, lastAppliesAt - Date.now());
    timers.add(timer);
  });
  return {
    pick(namespace, service) {
      const keys = table.get(`${namespace}/${service}`) ?? [];
      turn += 1;
      return keys[turn % keys.length];
    },
    close() {
      stop();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** Ready ones; without any, those that still serve while they end (KEP-1669). */
function keysOf(slice: Stored): string[] {
  const endpoints = rows(slice, 'endpoints');
  const are = (condition: string): string[] =>
    endpoints
      .filter((endpoint) => at(endpoint, `conditions.${condition}`) === true)
      .map((endpoint) => podKey(String(Array.isArray(endpoint.addresses) ? endpoint.addresses[0] : ''), text(endpoint, 'targetRef.name')));
  const ready = are('ready');
  return ready.length > 0 ? ready : are('serving');
}
