// What the web page asks beside everything else.
import { z } from 'zod';
import { jsonObject, label, list, rfc3339 } from './base.ts';
import { resources } from './peering.ts';

export const pageLink = z
  .object({ path: z.string().describe('Open it at the address of the broker; it counts once.'), validUntil: rfc3339 })
  .meta({ id: 'PageLink' });

const capacity = z.object({ allocatable: resources, free: resources });

/** The newest picture of a cluster that was added. */
export const clusterPicture = z
  .object({
    cluster: label,
    at: rfc3339,
    health: z.enum(['connected', 'unreachable', 'refused']),
    detail: z.string(),
    region: z.string().nullable().describe('As its nodes are labelled (topology.kubernetes.io/region).'),
    own: capacity.nullable().describe('Of its own nodes; null: our account may not see them.'),
    providers: list(z.object({ cluster: label, capacity })).describe('What each provider lends here, as its virtual nodes say.'),
  })
  .meta({ id: 'ClusterPicture' });

/** What somebody who shows Hanse to others says meanwhile. */
export const caption = z
  .strictObject({
    title: z.string().min(1).max(80),
    text: z.string().max(600),
    command: z.string().max(400).nullable().describe('What is run at this moment.'),
    part: z.int().min(1).max(99),
    parts: z.int().min(1).max(99),
  })
  .meta({ id: 'Caption' });
export const captionNow = z.strictObject({ caption: caption.nullable().describe('null: nothing is said.') }).meta({ id: 'CaptionNow' });

export const auditPageQuery = z.object({
  before: z.coerce.number().int().min(1).optional().describe('Only older ones than this sequence number.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export const auditEntry = z
  .object({
    seq: z.number(),
    at: rfc3339,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    detail: jsonObject,
    previous: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' });

export type Caption = z.infer<typeof caption>;
export type ClusterPicture = z.infer<typeof clusterPicture>;
export type AuditEntry = z.infer<typeof auditEntry>;
