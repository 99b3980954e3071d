// Follows one operation over the event stream, through lost connections and restarts of the broker.
import { setTimeout as pause } from 'node:timers/promises';
import { event as eventSchema, streamNames } from '../../contract/src/event.ts';
import type { Event } from '../../contract/src/event.ts';
import { operation as operationSchema } from '../../contract/src/operation.ts';
import type { Operation } from '../../contract/src/operation.ts';
import { eventsPath } from '../../contract/src/routes.ts';
import { networkCode, refusalOf } from './client.ts';
import type { Client } from './client.ts';
import { Failure } from './failure.ts';

export type Told =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'standing'; readonly operation: Operation }
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'back' };

const silenceMsMax = 45_000; // three heartbeats of the broker
const pauseMsMax = 5_000;

/** Ends when the operation ends or the signal aborts. Failure when the broker refuses. */
export async function* follow(client: Client, id: string, signal: AbortSignal): AsyncGenerator<Told> {
  let last: number | undefined;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const response = await client.open(`${eventsPath}?operation=${encodeURIComponent(id)}`, {
        signal,
        headers: last === undefined ? {} : { 'last-event-id': String(last) },
      });
      if (response.status >= 500 && response.status !== 500) throw new Error(`status ${response.status}`); // starting, or its database is
      if (!response.ok) throw await refusalOf(response, client.url);
      if (failures > 0) yield { kind: 'back' };
      failures = 0;
      for await (const { name, data, seq } of parse(response, signal)) {
        if (name === streamNames.end) return;
        if (seq === undefined && name === streamNames.operation) yield { kind: 'standing', operation: operationSchema.parse(JSON.parse(data)) };
        if (seq === undefined || (last !== undefined && seq <= last)) continue;
        last = seq;
        yield { kind: 'event', event: eventSchema.parse(JSON.parse(data)) };
      }
      throw new Error('it ended'); // without saying so: the broker stopped
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Failure) throw error;
      if (failures === 0) yield { kind: 'lost', reason: networkCode(error) };
      failures += 1;
    }
    await pause(Math.min(pauseMsMax, 250 * 2 ** Math.min(failures, 5)), undefined, { signal }).catch(() => {});
  }
}

type Message = { readonly name: string; readonly data: string; readonly seq: number | undefined };

/** HTML Living Standard §9.2.6, as far as our broker uses it. */
async function* parse(response: Response, signal: AbortSignal): AsyncGenerator<Message> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read(), signal);
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const message = parseBlock(block);
        if (message) yield message;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

const parseBlock = (block: string): Message | undefined => {
  const fields = new Map(
    block.split('\n').flatMap((line) => (line.startsWith(':') ? [] : [[line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const])),
  );
  const data = fields.get('data');
  const id = fields.get('id');
  return data === undefined ? undefined : { name: fields.get('event') ?? 'message', data, seq: id === undefined ? undefined : Number(id) };
};

/** A connection can die without anyone being told. */
const withinSilence = async <T>(read: Promise<T>, signal: AbortSignal): Promise<T> => {
  const timer = new AbortController();
  const silence = pause(silenceMsMax, undefined, { signal: AbortSignal.any([timer.signal, signal]) }).then(() => {
    throw new Error('it fell silent');
  });
  silence.catch(() => {});
  try {
    return await Promise.race([read, silence]);
  } finally {
    timer.abort();
  }
};
