// What federations of Gaia-X publish credentials by, at one address: a notice board of events (/ces), a catalogue (/xfsc), and the documents that both speak of.
import { createServer } from 'node:https';
import type { Disk } from '../disk.ts';
import { newAuthority } from '../pki.ts';
import { listenAt } from '../ports.ts';
import { answerFeeds } from './answerFeeds.ts';
import { createEventsService, type EventsService } from './eventsService.ts';
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
  const server = createServer({ cert: authority.certPem, key: authority.keyPem }, (request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'https://127.0.0.1');
    asked.push(pathname + search);
    if (answerFeeds(request, response, { events, catalogue })) return;
    const document = documents.get(pathname);
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'text/plain' });
    response.end(document ?? 'nothing is here\n');
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
