// The two services by which federations publish, below one address: /ces and /xfsc.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, EventsService } from './eventsService.ts';
import type { FederatedCatalogue } from './federatedCatalogue.ts';

type Services = { readonly events: Pick<EventsService, 'answer'>; readonly catalogue: Pick<FederatedCatalogue, 'answer'> };

const bytesMax = 1024 * 1024;
const nothing: Answer = { status: 404, body: { message: 'nothing is here' } };

/** Whether this request is for one of them; then it is answered. */
export function answerFeeds(request: IncomingMessage, response: ServerResponse, { events, catalogue }: Services): boolean {
  const url = new URL(request.url ?? '/', 'https://127.0.0.1');
  const [, service, path = ''] = /^\/(ces|xfsc)(\/.*)$/.exec(url.pathname) ?? [];
  if (service === undefined) return false;
  const below = new URL(path + url.search, url);
  const answer = async (): Promise<Answer> =>
    (service === 'ces' ? events.answer(request.method ?? 'GET', below, await textOf(request)) : catalogue.answer(below, request.headers.authorization)) ??
    nothing;
  answer()
    .catch((): Answer => ({ status: 400, body: { message: 'it cannot be read' } }))
    .then(({ status, body, headers = {} }) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    })
    .catch(() => response.destroy());
  return true;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytesMax) throw new Error('it is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
