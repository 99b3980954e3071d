// What the web page asks beside everything else; the command line may too.
import { page } from './base.ts';
import { auditEntry, auditPageQuery, captionNow, clusterPicture, pageLink } from './page.ts';

export const pageRoutes = {
  createPageLink: {
    method: 'POST',
    path: '/v1/page-links',
    tag: 'broker',
    summary: 'A link that lets one browser in, once, for the web page',
    answer: pageLink,
  },
  getCaption: { method: 'GET', path: '/v1/caption', tag: 'broker', summary: 'What the page says in large letters, for showing', answer: captionNow },
  putCaption: {
    method: 'PUT',
    path: '/v1/caption',
    tag: 'broker',
    summary: 'Say something on every open page (event `caption`): it is shown until something else is said, or nothing, or a quarter of an hour has passed',
    body: captionNow,
    answer: captionNow,
  },
  listPictures: {
    method: 'GET',
    path: '/v1/pictures',
    tag: 'clusters',
    summary: 'The newest picture of each cluster: whether it answers, what it has and what is free',
    answer: page(clusterPicture),
  },
  listAudit: { method: 'GET', path: '/v1/audit', tag: 'proof', summary: 'The audit log, newest first', query: auditPageQuery, answer: page(auditEntry) },
} as const;
