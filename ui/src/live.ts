// What the page shows is what the API last said. Each answer is kept under a key while somebody looks at it, and read again when an event touches it.
import { useCallback, useRef, useSyncExternalStore } from 'react';
import { finalStates, routes } from '../../contract/src/index.ts';
import type { Event, OperationState } from '../../contract/src/index.ts';
import { call, Failure } from './api.ts';
import { openStream } from './stream.ts';
import type { Connection } from './stream.ts';

export type Search = { readonly where: readonly string[]; readonly prefer: readonly string[]; readonly text: string; readonly limit: number };
/** More than a map can show. */
const shownMost = 500;
const facetNames = ['country', 'label', 'gpu.model', 'arch', 'iso27001', 'c5', 'nis2'] as const;

/** A question to the API: its key, and how it is asked. */
export type Question<T> = { readonly key: string; ask(): Promise<T>; readonly apartMs?: number };

const items = async <T>(answer: Promise<{ readonly items: readonly T[] }>): Promise<readonly T[]> => (await answer).items;

export const ask = {
  clusters: { key: 'clusters', ask: () => items(call(routes.listClusters, {})) },
  pictures: { key: 'pictures', ask: () => items(call(routes.listPictures, {})) },
  peerings: { key: 'peerings', ask: () => items(call(routes.listPeerings, {})) },
  applications: { key: 'applications', ask: () => items(call(routes.listApplications, {})) },
  operations: { key: 'operations', ask: () => items(call(routes.listOperations, { query: { limit: 200 } })) },
  lans: { key: 'lans', ask: () => items(call(routes.listLans, {})) },
  consumers: { key: 'consumers', ask: () => items(call(routes.listConsumers, {})), apartMs: 2_000 },
  reactions: { key: 'reactions', ask: () => items(call(routes.listReactions, { query: { limit: 50 } })) },
  verbs: { key: 'verbs', ask: () => items(call(routes.listVerbs, {})) },
  policies: { key: 'policies', ask: () => items(call(routes.listPolicies, {})) },
  verdict: { key: 'verdict', ask: () => call(routes.verifyAudit, {}), apartMs: 10_000 },
  audit: { key: 'audit', ask: () => items(call(routes.listAudit, { query: { limit: 500 } })), apartMs: 2_000 },
  offers: (where: readonly string[], prefer: readonly string[]) => ({
    key: `offers ${JSON.stringify([where, prefer])}`,
    ask: () => call(routes.listOffers, { query: { where: [...where], prefer: [...prefer], limit: shownMost } }),
  }),
  /** Of these members, wherever they stand among the others. */
  offersOf: (names: readonly string[], where: readonly string[], prefer: readonly string[]) => ({
    key: `offers of ${JSON.stringify([names, where, prefer])}`,
    ask: () => call(routes.listOffers, { query: { where: [...where], prefer: [...prefer], name: [...names], limit: shownMost } }),
  }),
  caption: { key: 'caption', ask: async () => (await call(routes.getCaption, {})).caption, apartMs: 50 },
  offer: (name: string, where: readonly string[], prefer: readonly string[]) => ({
    key: `offer ${JSON.stringify([name, where, prefer])}`,
    ask: () => call(routes.getOffer, { params: { name }, query: { where: [...where], prefer: [...prefer] } }),
    apartMs: 2_000,
  }),
  credential: (digest: string) => ({ key: `credential ${digest}`, ask: () => call(routes.getCredential, { params: { digest } }), apartMs: 5_000 }),
  operation: (id: string) => ({ key: `operation ${id}`, ask: () => call(routes.getOperation, { params: { id } }), apartMs: 150 }),
  /** The first so many of those that the text finds, with how often each value occurs. */
  found: ({ where, prefer, text, limit }: Search) => ({
    key: `offers found ${JSON.stringify([where, prefer, text, limit])}`,
    ask: () => call(routes.listOffers, { query: { where: [...where], prefer: [...prefer], facet: [...facetNames], limit, ...(text !== '' && { text }) } }),
  }),
  status: (name: string) => ({ key: `status ${name}`, ask: () => call(routes.getApplicationStatus, { params: { name } }), apartMs: 1_000 }),
  explanation: (name: string) => ({ key: `explanation ${name}`, ask: () => call(routes.explainApplication, { params: { name } }) }),
  receipts: (application: string) => ({ key: `receipts ${application}`, ask: () => items(call(routes.listReceipts, { query: { application } })) }),
} as const;

export type Answer<T> = { readonly data: T | undefined; readonly failure: Failure | undefined };

type Cell = {
  answer: Answer<unknown>;
  question: Question<unknown>;
  readonly lookers: Set<() => void>;
  askedAt: number;
  dueAt: number;
  timer: number;
  running: boolean;
};

const cells = new Map<string, Cell>();
const none: Answer<never> = { data: undefined, failure: undefined };
const usualApartMs = 400;
/** What a broker in trouble did not answer is asked again after this. */
const troubleMs = 5_000;

const refresh = (cell: Cell, afterMs = 0): void => {
  const dueAt = Math.max(cell.askedAt + (cell.question.apartMs ?? usualApartMs), Date.now() + afterMs);
  if (cell.timer !== 0 && cell.dueAt <= dueAt) return;
  window.clearTimeout(cell.timer);
  cell.dueAt = dueAt;
  cell.timer = window.setTimeout(() => void read(cell), Math.max(0, dueAt - Date.now()));
};

const read = async (cell: Cell): Promise<void> => {
  cell.timer = 0;
  if (cell.running) return refresh(cell);
  cell.running = true;
  cell.askedAt = Date.now();
  try {
    cell.answer = { data: await cell.question.ask(), failure: undefined };
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure(String(error), null);
    // what was known stays while the broker is in trouble or not reached, and that it is so is told
    cell.answer = { data: failure.isPassing ? cell.answer.data : undefined, failure };
    if (failure.isPassing && cell.lookers.size > 0) refresh(cell, troubleMs);
  }
  cell.running = false;
  for (const look of cell.lookers) look();
};

const lookAt = (question: Question<unknown>, look: () => void): (() => void) => {
  const { key } = question;
  const cell = cells.get(key) ?? { answer: none, question, lookers: new Set(), askedAt: 0, dueAt: 0, timer: 0, running: false };
  cells.set(key, cell);
  cell.lookers.add(look);
  if (cell.askedAt === 0 || cell.answer.failure) refresh(cell);
  return () => {
    cell.lookers.delete(look);
    // a view that comes back at once still has it
    window.setTimeout(() => {
      if (cell.lookers.size === 0 && cells.get(key) === cell) cells.delete(key);
    }, 2_000);
  };
};

/** The newest answer to this question, live. */
export const useAnswer = <T>(question: Question<T> | null): Answer<T> => {
  const key = question?.key ?? '';
  // the key says all that the question is
  const subscribe = useCallback((look: () => void) => (question === null ? () => {} : lookAt(question, look)), [key]);
  return useSyncExternalStore(subscribe, () => (cells.get(key)?.answer ?? none) as Answer<T>);
};

/** The newest answers to as many questions as there are at the moment, in their order. */
export const useAnswers = <T>(questions: readonly Question<T>[]): readonly Answer<T>[] => {
  const last = useRef<readonly Answer<T>[]>([]);
  const subscribe = useCallback(
    (look: () => void) => {
      const ends = questions.map((question) => lookAt(question, look));
      return () => ends.forEach((end) => end());
    },
    [questions.map(({ key }) => key).join('\n')],
  );
  return useSyncExternalStore(subscribe, () => {
    const now = questions.map(({ key }) => (cells.get(key)?.answer ?? none) as Answer<T>);
    if (now.length !== last.current.length || now.some((answer, index) => answer !== last.current[index])) last.current = now;
    return last.current;
  });
};

// ---- what events touch

const touchedBy: Readonly<Record<string, RegExp>> = {
  'cluster-add': /^(clusters|pictures|offers?)/,
  'cluster-remove': /^(clusters|pictures|offers?)/,
  federate: /^(lans|clusters|peerings|pictures|offers?)/,
  leave: /^(lans|clusters|peerings|pictures|offers|applications|status|explanation)/,
  resize: /^(peerings|pictures|offers?)/,
  lend: /^consumers/,
  deploy: /^(applications|status|explanation|receipts|pictures)/,
  delete: /^(applications|status|explanation|receipts|pictures)/,
  migrate: /^(applications|status|explanation|receipts|pictures)/,
  evacuate: /^(applications|status|explanation|receipts|pictures)/,
};

/** Of events that belong to no operation. */
const touchedByKind: Readonly<Record<string, RegExp>> = {
  picture: /^(pictures|offers|status|consumers)/,
  caption: /^caption/,
  circuit: /^lans/,
  consumers: /^consumers/,
  credential: /^(offers?|credential|verdict|audit)/,
  reaction: /^(reactions|operations$)/,
};

export type Progress = { readonly step: number; readonly message: string; readonly fraction: number | null };
const progress = new Map<string, Progress>();
let connection: Connection = { kind: 'connecting' };
const watchers = new Set<() => void>();

const touch = (keys: RegExp): void => {
  for (const [key, cell] of cells) if (keys.test(key)) refresh(cell);
};

const happened = ({ kind, operation, data }: Event): void => {
  const told = typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Readonly<Record<string, unknown>>) : {};
  if (operation === null) return touch(touchedByKind[kind] ?? /./);
  if (kind === 'progress') {
    const { step, message, fraction } = told;
    progress.set(operation, { step: Number(step), message: String(message), fraction: typeof fraction === 'number' ? fraction : null });
    for (const look of watchers) look();
    return;
  }
  touch(new RegExp(`^(operations$|operation ${operation}$)`));
  const known = cells.get('operations')?.answer.data as readonly { id: string; kind: string }[] | undefined;
  const verb = known?.find(({ id }) => id === operation)?.kind ?? '';
  if (told['state'] !== 'intended' && told['state'] !== 'planned') touch(touchedBy[verb] ?? /^(?!operation|verdict|audit|policies)/);
  if (finalStates.includes(told['state'] as OperationState) && kind === 'state') {
    progress.delete(operation);
    touch(/^(verdict|audit)/);
  }
};

export const startLive = (): void =>
  openStream({
    opened: () => touch(/./),
    happened,
    connection: (state) => {
      connection = state;
      for (const look of watchers) look();
    },
  });

const watch = (look: () => void) => {
  watchers.add(look);
  return () => void watchers.delete(look);
};

export const useConnection = (): Connection => useSyncExternalStore(watch, () => connection);
export const useProgress = (operation: string): Progress | null => useSyncExternalStore(watch, () => progress.get(operation) ?? null);

/** After the page itself changed something: at once, without waiting to be told. */
export const changed = (keys: RegExp): void => touch(keys);
