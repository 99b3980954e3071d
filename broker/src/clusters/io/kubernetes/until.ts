// Waiting for an object to reach a state: by a watch of that one object, or by asking again and again where the account may not watch.
import { HanseError } from '../../../errors.ts';
import type { KubeObject, Ref, Until, WatchEvent } from './kube.ts';
import { describeState } from './objects.ts';
import { wait } from './requests.ts';

export type Waiting = {
  readonly cluster: string;
  readonly ref: Ref;
  /** The caller's. */
  readonly signals: readonly AbortSignal[];
  get(): Promise<KubeObject | null>;
  /** Only events of this object. */
  watch(signal: AbortSignal, onSynced: () => void): AsyncIterable<WatchEvent>;
};

const pollFirstMs = 50;
const pollMostMs = 500;

const passing = (error: unknown): boolean => error instanceof HanseError && error.retry === 'later' && error.code !== 'LEASE_LOST';
const mayNotWatch = (error: unknown): boolean => error instanceof HanseError && error.code === 'CLUSTER_FORBIDDEN';

type Seen = { state: string };

const poll = async (
  waiting: Waiting,
  satisfied: (object: KubeObject | null) => boolean,
  deadline: AbortSignal,
  seen: Seen,
): Promise<KubeObject | null | undefined> => {
  let delayMs = pollFirstMs;
  for (;;) {
    try {
      const object = await waiting.get();
      seen.state = describeState(object);
      if (satisfied(object)) return object;
    } catch (error) {
      if (!passing(error) || deadline.aborted) throw error;
      seen.state = error instanceof Error ? error.message : seen.state;
    }
    await wait(delayMs, [...waiting.signals, deadline]);
    delayMs = Math.min(pollMostMs, delayMs * 1.5);
  }
};

const follow = async (
  waiting: Waiting,
  satisfied: (object: KubeObject | null) => boolean,
  deadline: AbortSignal,
  seen: Seen,
): Promise<KubeObject | null | undefined> => {
  // what is there now, without the two requests of a list and a watch
  const first = await waiting.get();
  seen.state = describeState(first);
  if (satisfied(first)) return first;
  const listed = { absent: false, any: false };
  const stop = new AbortController();
  const end = (): void => stop.abort(deadline.reason);
  deadline.addEventListener('abort', end, { once: true });
  try {
    const events = waiting.watch(stop.signal, () => {
      // listed, and it is not there
      if (listed.any || !satisfied(null)) return;
      listed.absent = true;
      stop.abort(new Error('satisfied'));
    });
    for await (const { type, object } of events) {
      listed.any = true;
      const now = type === 'DELETED' ? null : object;
      seen.state = describeState(now);
      if (satisfied(now)) return now;
    }
  } finally {
    deadline.removeEventListener('abort', end);
  }
  return listed.absent ? null : undefined;
};

/** TIMED_OUT with what was seen last. */
export const until = async (waiting: Waiting, satisfied: (object: KubeObject | null) => boolean, options: Until): Promise<KubeObject | null> => {
  const deadline = new AbortController();
  const seen: Seen = { state: 'nothing was seen' };
  const timer = setTimeout(() => deadline.abort(new Error('time limit')), options.timeoutSeconds * 1000);
  const ended = (): HanseError => {
    const { kind, namespace, name } = waiting.ref;
    const what = namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
    return new HanseError('TIMED_OUT', `${waiting.cluster}: waited ${options.timeoutSeconds} s for ${options.what}; ${what}: ${seen.state}`);
  };
  try {
    if (options.by !== 'poll') {
      try {
        const found = await follow(waiting, satisfied, deadline.signal, seen);
        if (found !== undefined) return found;
      } catch (error) {
        if (!mayNotWatch(error) && !passing(error)) throw error;
      }
    }
    const found = await poll(waiting, satisfied, deadline.signal, seen);
    return found ?? null;
  } catch (error) {
    const asked = waiting.signals.find((signal) => signal.aborted);
    if (asked !== undefined)
      throw asked.reason instanceof HanseError ? asked.reason : new HanseError('LEASE_LOST', `${waiting.cluster}: waiting for ${options.what} was interrupted`);
    if (deadline.signal.aborted) throw ended();
    throw error;
  } finally {
    clearTimeout(timer);
  }
};
