// Where the page is: the path names the view and the thing, the query what is asked for and what is being planned. Nothing else is kept anywhere.
import { useMemo, useSyncExternalStore } from 'react';

export type Place = {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
};

const moved = new Set<() => void>();
window.addEventListener('popstate', () => moved.forEach((look) => look()));

const subscribe = (look: () => void) => {
  moved.add(look);
  return () => void moved.delete(look);
};

export const usePlace = (): Place => {
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  return useMemo(() => {
    const url = new URL(address, location.origin);
    return { path: url.pathname.split('/').filter(Boolean).map(decodeURIComponent), query: url.searchParams };
  }, [address]);
};

const lasting = ['where', 'prefer'];

/** An address in the page: criteria go with you, a plan that is being made does not. `more: null` takes a word away. */
export const hrefOf = (path: string | null, more: Readonly<Record<string, string | readonly string[] | null>> = {}, keep = false): string => {
  const now = new URLSearchParams(location.search);
  const query = new URLSearchParams();
  for (const [name, value] of now) if ((keep || lasting.includes(name)) && !Object.hasOwn(more, name)) query.append(name, value);
  for (const [name, value] of Object.entries(more)) for (const each of typeof value === 'string' ? [value] : (value ?? [])) query.append(name, each);
  const text = query.toString();
  return (path ?? location.pathname) + (text === '' ? '' : `?${text}`);
};

export const go = (href: string, how: 'push' | 'replace' = 'push'): void => {
  if (how === 'push') history.pushState(null, '', href);
  else history.replaceState(null, '', href);
  moved.forEach((look) => look());
};
