// The one stream of events: read as it comes, resumed behind the last event that was seen. What it says beside events is how the connection stands.
import { event, eventsPath } from '../../contract/src/index.ts';
import type { Event } from '../../contract/src/index.ts';

export type Connection = { readonly kind: 'connecting' | 'live' | 'signedOut' } | { readonly kind: 'lost'; readonly sinceMs: number };

type Listener = {
  /** The stream stands; what happened before has to be read. */
  opened(): void;
  happened(event: Event): void;
  connection(state: Connection): void;
};

const silenceMsMax = 40_000; // the broker says something every 15 s
const retryMsMax = 8_000;

export const openStream = (listener: Listener): void => {
  let lastId: string | null = null;
  let retryMs = 500;
  let lostAt: number | null = null;

  const once = async (): Promise<'again' | 'signedOut'> => {
    const stop = new AbortController();
    let alarm = setTimeout(() => stop.abort(), silenceMsMax);
    const heard = (): void => {
      clearTimeout(alarm);
      alarm = setTimeout(() => stop.abort(), silenceMsMax);
    };
    try {
      const headers: Record<string, string> = lastId === null ? {} : { 'last-event-id': lastId };
      const response = await fetch(eventsPath, { headers, signal: stop.signal, credentials: 'same-origin', cache: 'no-store' });
      if (response.status === 401) return 'signedOut';
      if (!response.ok || response.body === null) return 'again';
      retryMs = 500;
      lostAt = null;
      listener.connection({ kind: 'live' });
      listener.opened();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        heard();
        const blocks = (rest + part.value).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) tell(block);
      }
      return 'again';
    } catch {
      return 'again';
    } finally {
      clearTimeout(alarm);
      stop.abort();
    }
  };

  const tell = (block: string): void => {
    const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const));
    const data = fields.get('data');
    if (data === undefined) return;
    const id = fields.get('id');
    if (id !== undefined) lastId = id;
    const parsed = event.safeParse(parseJson(data));
    if (parsed.success) listener.happened(parsed.data);
  };

  const run = async (): Promise<void> => {
    for (;;) {
      if ((await once()) === 'signedOut') return listener.connection({ kind: 'signedOut' });
      lostAt ??= Date.now();
      listener.connection({ kind: 'lost', sinceMs: lostAt });
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, retryMs);
        // the machine was asleep or the cable out: no need to wait
        window.addEventListener('online', () => (clearTimeout(timer), resolve(null)), { once: true });
      });
      retryMs = Math.min(retryMs * 2, retryMsMax);
    }
  };
  void run();
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
