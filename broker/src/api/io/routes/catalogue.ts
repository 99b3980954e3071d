// Sources of credentials, and our own catalogue as one for others.
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { routes } from '../../../../../contract/src/index.ts';
import { HanseError } from '../../../errors.ts';
import { ownerId } from '../../../ids.ts';
import type { ApiDeps } from '../deps.ts';
import { serve } from '../serve.ts';

/** A slow source is read on; who asks is told how far everything is. */
const patienceMs = 20_000;

export const serveCatalogue = (app: FastifyInstance, { catalogue }: ApiDeps): void => {
  serve(app, routes.listSources, async ({ by }) => ({ items: await catalogue.sources(by.owner) }));
  serve(app, routes.harvestSources, async ({ by }) => {
    const patience = new AbortController();
    await Promise.race([catalogue.harvest(by.owner), pause(patienceMs, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    return { items: await catalogue.sources(by.owner) };
  });
  serve(app, routes.listCatalogueChanges, async ({ query: { after, limit } }) => {
    if (catalogue.changes === null)
      throw new HanseError('FORBIDDEN', 'This broker shares its catalogue with nobody.', {
        fix: 'Its operator can set credentials.shared to public; then what it believes can be read without a token.',
      });
    // nobody has to say who they are: the one owner that there is
    return catalogue.changes(ownerId('default'), after, limit);
  });
};
