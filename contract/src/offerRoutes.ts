// Offers, and the credentials that they rest on.
import { z } from 'zod';
import { page } from './base.ts';
import { credentialDetail, credentialDigest, credentialQuery, credentials, credentialsQuery, vocabulary } from './credential.ts';
import { credentialPast } from './impact.ts';
import { offerDetail, offerParams, offerQuery } from './offer.ts';
import { offers, offersQuery } from './placement.ts';
import { catalogueChanges, catalogueChangesQuery, source } from './source.ts';

export const offerRoutes = {
  listOffers: {
    method: 'GET',
    path: '/v1/offers',
    tag: 'offers',
    summary: 'Verified offers, held against criteria; the best first, with every opinion',
    query: offersQuery,
    answer: offers,
  },
  getOffer: {
    method: 'GET',
    path: '/v1/offers/{name}',
    tag: 'offers',
    summary: 'One offer held against criteria, with every credential behind its facts: checks, chain of trust, and what became of it',
    params: offerParams,
    query: offerQuery,
    answer: offerDetail,
  },
  getVocabulary: {
    method: 'GET',
    path: '/v1/vocabulary',
    tag: 'offers',
    summary: 'The words of offers: the JSON-LD context, every fact that a criterion can name, every scheme',
    answer: vocabulary,
    open: true,
  },
  listSources: {
    method: 'GET',
    path: '/v1/catalogue/sources',
    tag: 'offers',
    summary: 'Where credentials come from: how far each source was read, what was refused, and why one is limited',
    answer: page(source),
  },
  harvestSources: {
    method: 'POST',
    path: '/v1/catalogue/harvest',
    tag: 'offers',
    summary: 'Read the sources now that are read bit by bit, but for those that are limited; one that takes long is read on',
    answer: page(source),
  },
  listCatalogueChanges: {
    method: 'GET',
    path: '/v1/catalogue/changes',
    tag: 'offers',
    summary:
      'What this broker believes, credential by credential in the order in which it changed; for another broker to harvest. Only where the operator shares it',
    query: catalogueChangesQuery,
    answer: catalogueChanges,
    open: true,
  },
  listCredentials: {
    method: 'GET',
    path: '/v1/credentials',
    tag: 'offers',
    summary: 'The credentials that the sources gave, page by page in the order of their sources: the state of each, and the reason',
    query: credentialsQuery,
    answer: credentials,
  },
  getCredential: {
    method: 'GET',
    path: '/v1/credentials/{digest}',
    tag: 'offers',
    summary: 'One credential with every check, judged now, or again as at an earlier time from what was kept',
    params: z.object({ digest: credentialDigest }),
    query: credentialQuery,
    answer: credentialDetail,
  },
  listCredentialHistory: {
    method: 'GET',
    path: '/v1/credentials/{digest}/history',
    tag: 'offers',
    summary: 'How its state changed, newest first (event `credential` tells of changes)',
    params: z.object({ digest: credentialDigest }),
    answer: page(credentialPast),
  },
} as const;
