// Offers, and why a cluster was chosen or not.
import { z } from 'zod';
import { list, rfc3339 } from './base.ts';

export const assurance = z.enum(['asserted', 'declared', 'notarised', 'certified', 'measured']).meta({ id: 'Assurance' });

export const fact = z
  .object({
    name: z.string(),
    group: z.enum(['locality', 'technical', 'compliance']),
    value: z.union([z.string(), z.number(), z.boolean()]),
    unit: z.string().exactOptional(),
    assurance,
    credential: z.string().describe('SHA-256 (hex) of the credential as received; measured: Hanse measured it itself.'),
    issuer: z.string(),
    validUntil: rfc3339.nullable(),
    measurement: z.object({ probes: z.number(), since: rfc3339 }).exactOptional().describe('From how many probes it was measured, and since when.'),
  })
  .meta({ id: 'Fact' });

export const offering = z
  .object({
    id: z.string(),
    provider: z.string(),
    name: z.string(),
    cluster: z.string().nullable().describe('Liqo cluster id of the cluster that is offered.'),
    facts: list(fact),
    contradicted: list(z.string()).exactOptional().describe('Names of facts that are stated with values that cannot all be true.'),
    alsoClaimedBy: list(z.string()).exactOptional().describe('Others who claim the same cluster: believed later, their claims do not count.'),
    validUntil: rfc3339.nullable(),
  })
  .meta({ id: 'Offering' });

export const opinion = z
  .object({
    criterion: z.string(),
    verdict: z.enum(['satisfied', 'excluded', 'scored']),
    score: z.number().exactOptional(),
    asked: z.string(),
    found: z.string(),
    source: z.string(),
  })
  .meta({ id: 'Opinion' });

export const candidate = z
  .object({ cluster: z.string(), offering: z.string().nullable(), total: z.number().nullable(), opinions: list(opinion) })
  .meta({ id: 'Candidate' });

export const placement = z
  .object({
    chosen: list(z.object({ cluster: z.string(), replicas: z.number() })).nullable(),
    candidates: list(candidate),
    snapshotVersion: z.number(),
    decisionVersion: z.number(),
  })
  .meta({ id: 'Placement' });

export const offer = z
  .object({
    offering,
    cluster: z.string().nullable().describe('Our name of the cluster, when it was added.'),
    matches: z.boolean(),
    score: z.number().nullable(),
    opinions: list(opinion),
    relaxation: z.string().nullable().describe('The smallest change of the criteria that would make it match; null when it matches.'),
  })
  .meta({ id: 'Offer' });

const words = z.union([z.string().max(500), z.array(z.string().max(500)).max(50)]).transform((given) => (typeof given === 'string' ? [given] : given));
const whole = (most: number) => z.coerce.number().int().min(0).max(most);

export const offersQuery = z.object({
  where: words
    .optional()
    .describe('Criteria, all of which must hold: country=DE,NL · label>=L1@certified · memory>=64GiB · cpu.cores=8..64 · distance(52.37,4.9)<=500km'),
  prefer: words.optional().describe('What to sort by: price · cpu.cores:highest*2 · country=DE*3'),
  text: z.string().max(200).optional().describe('Words, each of which a word of the offer begins with: of its name, its id, or what it states in words.'),
  facet: words.optional().describe('Facts whose values are counted among the offers that satisfy the criteria about everything else: country · label'),
  name: words.optional().describe('Only those that are called so: by a name of ours, an id, or what their providers call them. Totals stay those of all.'),
  offset: whole(1_000_000).default(0),
  limit: whole(1000).default(1000),
});

export const facet = z
  .object({
    fact: z.string(),
    type: z.enum(['text', 'country', 'number', 'boolean', 'version', 'label', 'position']),
    unit: z.string().exactOptional(),
    values: list(z.object({ value: z.union([z.string(), z.number(), z.boolean()]), count: z.number() })).describe('Most frequent first.'),
    more: z.number().describe('How many more values there are.'),
    unknown: z.number().describe('Offers that state nothing of the kind.'),
    range: z.object({ lowest: z.number(), highest: z.number() }).nullable().describe('Of numbers.'),
  })
  .meta({ id: 'Facet' });

export const wider = z
  .object({
    criterion: z.string(),
    instead: z
      .object({ criterion: z.string(), more: z.number() })
      .nullable()
      .describe('The smallest change of it that lets more offers in, and how many more; null: only leaving it away does.'),
    without: z.number().describe('How many more there are without it.'),
  })
  .meta({ id: 'Wider' });

export const offers = z
  .object({
    items: list(offer).describe('One page: the matching ones best first, then the others by name.'),
    total: z.number().describe('Offers that the text finds; all without one.'),
    matching: z.number().describe('Of these, those that satisfy every criterion.'),
    facets: list(facet),
    wider: list(wider).describe('By criterion that alone keeps offers out: what would let more in.'),
    rejected: list(z.object({ source: z.string(), reason: z.string() })).describe('Credentials that are not offers, and why.'),
  })
  .meta({ id: 'Offers' });

export type Fact = z.infer<typeof fact>;
export type Offering = z.infer<typeof offering>;
export type Opinion = z.infer<typeof opinion>;
export type Candidate = z.infer<typeof candidate>;
export type Placement = z.infer<typeof placement>;
export type Offer = z.infer<typeof offer>;
export type Offers = z.infer<typeof offers>;
export type Facet = z.infer<typeof facet>;
