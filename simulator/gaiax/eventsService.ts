// A Credentials Events Service: a notice board of CloudEvents, as operators' `/v2/credentials-events` write them. Whoever starts it keeps its events.
import { randomUUID } from 'node:crypto';
import { isPlain } from '../fields.ts';

export type Answer = { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> };

export type EventsService = {
  /** Puts a credential (VC-JWT) up; answers the event's id. */
  post(source: string, token: string): string;
  /** `body`: of a POST, as text. null: that path is not its own. */
  answer(method: string, url: URL, body: string): Answer | null;
};

export type Event = Readonly<Record<string, unknown>> & { readonly id: string };

const sizeMax = 100;

/** `events`: those of before; new ones are put behind them. */
export function createEventsService(now: () => number, events: Event[] = []): EventsService {
  const post: EventsService['post'] = (source, token) => {
    const id = randomUUID();
    events.push({
      specversion: '1.0',
      id,
      type: 'eu.gaia-x.credential',
      source,
      time: new Date(now()).toISOString(),
      datacontenttype: 'application/json',
      // despite the name, as live services have it: the token itself
      data_base64: token,
    });
    return id;
  };
  const list = ({ searchParams }: URL): Answer => {
    const size = Math.min(Number(searchParams.get('size') ?? 20), sizeMax);
    const page = Number(searchParams.get('page') ?? 0);
    if (!Number.isInteger(size) || size < 1 || !Number.isInteger(page) || page < 0) return { status: 400, body: { message: 'page or size' } };
    const last = searchParams.get('lastReceivedID');
    const from = events.findIndex(({ id }) => id === last) + 1 + page * size;
    return { status: 200, body: events.slice(from, from + size) };
  };
  return {
    post,
    answer(method, url, body) {
      const [, id] = /^\/credentials-events(?:\/([^/]+))?$/.exec(url.pathname) ?? [null];
      if (!/^\/credentials-events(\/[^/]+)?$/.test(url.pathname)) return null;
      if (method === 'POST') return put(body, post);
      if (id === undefined || id === null) return list(url);
      const found = events.find((event) => event.id === id);
      return found === undefined ? { status: 404, body: { message: 'no such event' } } : { status: 200, body: found };
    },
  };
}

function put(body: string, post: EventsService['post']): Answer {
  let event: unknown;
  try {
    event = JSON.parse(body);
  } catch {
    return { status: 400, body: { message: 'it is not JSON' } };
  }
  const isEvent = isPlain(event) && event['specversion'] === '1.0' && typeof event['source'] === 'string' && typeof event['data_base64'] === 'string';
  if (!isEvent || !isPlain(event)) return { status: 400, body: { message: 'it is not a CloudEvent with a credential' } };
  const token = String(event['data_base64']);
  if (token.split('.').length !== 3) return { status: 409, body: { message: 'its credential has no signature' } };
  return { status: 201, body: null, headers: { location: `/credentials-events/${post(String(event['source']), token)}` } };
}
