// What federations of Gaia-X publish credentials by, at one address: a notice board of events (/ces), a catalogue (/xfsc), and the documents that both speak of.
import { createServer } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Disk } from '../disk.ts';
import { newAuthority } from '../pki.ts';
import { listenAt } from '../ports.ts';
import { createEventsService, type Answer, type EventsService } from './eventsService.ts';
import { createFederatedCatalogue, type CatalogueOptions, type FederatedCatalogue } from './federatedCatalogue.ts';

export type Feeds = {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** PEM of the authority of its server's certificate. */
  readonly authority: string;
  readonly events: Omit<EventsService, 'answer'>;
  readonly catalogue: Omit<FederatedCatalogue, 'answer'>;
  /** By path: participants' documents. */
  readonly documents: Map<string, string>;
  /** Paths that were asked for, with their queries. */
  readonly asked: string[];
  close(): Promise<void>;
};

export async function startFeeds({ disk, ...options }: CatalogueOptions & { readonly disk: Disk }): Promise<Feeds> {
  const authority = await newAuthority('feeds');
  const events = createEventsService(options.now);
  const catalogue = createFederatedCatalogue(options);
  const documents = new Map<string, string>();
  const asked: string[] = [];
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const url = new URL(request.url ?? '/', 'https://127.0.0.1');
    asked.push(url.pathname + url.search);
    const [, service, path = ''] = /^\/(ces|xfsc)(\/.*)$/.exec(url.pathname) ?? [];
    const below = new URL(path + url.search, url);
    const found =
      service === 'ces'
        ? events.answer(request.method ?? 'GET', below, await textOf(request))
        : service === 'xfsc'
          ? catalogue.answer(below, request.headers.authorization)
          : documents.has(url.pathname)
            ? { status: 200, body: documents.get(url.pathname) }
            : null;
    return found ?? { status: 404, body: { message: 'nothing is here' } };
  };
  const server = createServer({ cert: authority.certPem, key: authority.keyPem }, (request, response) => {
    answer(request)
      .catch((): Answer => ({ status: 400, body: { message: 'it cannot be read' } }))
      .then(({ status, body, headers = {} }) => {
        response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json', ...headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      })
      .catch(() => response.destroy());
  });
  const port = await listenAt(server, disk, 'feeds');
  return {
    url: `https://127.0.0.1:${port}`,
    authority: authority.caPem,
    events,
    catalogue,
    documents,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const bytesMax = 1024 * 1024;

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
