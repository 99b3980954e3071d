// What is wished, as documents: kept in files, compared and applied as a whole. Their JSON Schema, for editors, is made of these.
import { z } from 'zod';
import { json, jsonObject, label, list } from './base.ts';
import { operation } from './operation.ts';
import { plan } from './plan.ts';
import { fault } from './problem.ts';

export const declaredKinds = ['Federation', 'Application', 'Policy'] as const;
export const declaredKind = z.enum(declaredKinds);
export type DeclaredKind = (typeof declaredKinds)[number];

const apiVersion = z.literal('hanse.dev/v1');
const words = (about: string) => z.array(z.string().min(1).max(500)).max(50).describe(about);
const schemaLine = z.string().max(500).optional().describe('Address of this schema, for editors; means nothing to Hanse.');

const quantity = z
  .union([
    z.number().min(0).max(1e15),
    z.string().regex(/^\d{1,16}(\.\d{1,9})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'must be a quantity as Kubernetes writes it: 4, 500m, 8Gi'),
  ])
  .describe('As Kubernetes writes it: 4, 500m, 8Gi.');
const count = z.int().min(0).max(1_000_000);

export const amount = z.strictObject({
  cpu: quantity.optional(),
  memory: quantity.optional(),
  pods: count.optional(),
  gpus: count.optional(),
});

export const federationDocument = z.strictObject({
  $schema: schemaLine,
  apiVersion,
  kind: z.literal('Federation'),
  metadata: z.strictObject({ name: label.describe('Name of the home cluster.') }),
  spec: z.strictObject({
    providers: z
      .array(z.strictObject({ name: label.describe('Name of the provider’s cluster.'), resources: amount.optional() }))
      .max(50)
      .optional()
      .describe('Clusters to federate with. What is left out of resources stays as it is, or is the usual: 4 CPU, 8Gi, 110 pods.'),
    where: words('Also every added provider that satisfies all of these: country=DE,NL · label>=L1@certified').min(1).optional(),
    resources: amount.optional().describe('Of each provider that names none itself.'),
  }),
});

const manifest = z
  .looseObject({
    apiVersion: z.string().min(1).max(300),
    kind: z.string().min(1).max(100),
    metadata: z.looseObject({ name: z.string().min(1).max(253) }),
  })
  .describe('An ordinary Kubernetes object. A Secret without data and stringData keeps the data that it has.');

export const applicationDocument = z.strictObject({
  $schema: schemaLine,
  apiVersion,
  kind: z.literal('Application'),
  metadata: z.strictObject({ name: label.describe('Name of the application, and of its namespace.') }),
  spec: z
    .strictObject({
      home: label.optional().describe('The home cluster, where there are several.'),
      manifests: z.array(manifest).min(1).max(500).optional().describe('Kubernetes objects, as they stand.'),
      files: z.array(z.string().min(1).max(1000)).min(1).max(100).optional().describe('Files or directories with manifests, seen from this document.'),
      url: z.string().max(2000).optional().describe('https address to fetch the manifests from.'),
      policy: label.optional().describe('A stored Policy, or one that is declared beside this.'),
      where: words('Criteria that each cluster has to meet: country=DE,NL · memory>=64GiB').min(1).optional(),
      prefer: words('What to prefer among those that fit: price, cpu.cores:highest*2, country=DE*3').min(1).optional(),
      clusters: z.array(label).min(1).max(100).optional().describe('Exactly these clusters; from any other it is moved away.'),
      spread: z.int().min(1).max(100).optional().describe('Over how many providers at least, where that is possible.'),
    })
    .refine(({ manifests, files, url }) => [manifests, files, url].filter((one) => one !== undefined).length === 1, {
      message: 'must have exactly one of manifests, files and url',
    })
    .describe('Of policy, where, prefer, clusters and spread: when none is given all stay as they are, else those that are left out are taken back.'),
});

const reactWord = z.enum(['act', 'ask', 'warn']).describe('act: plan and carry out; ask: plan, and wait for a person; warn: tell.');

const policyWords = z.array(z.string().max(500)).max(100);

export const policyDocument = z.strictObject({
  $schema: schemaLine,
  apiVersion,
  kind: z.literal('Policy'),
  metadata: z.strictObject({ name: label }),
  spec: z.strictObject({
    required: policyWords
      .default([])
      .describe('Criteria, all of which have to hold: country=EU · memory>=64GiB · cpu.cores=8..64 · distance(52.37,4.9)<=500km'),
    preferred: policyWords.default([]).describe('What to choose by among those that fit: FACT, FACT:lowest, FACT:highest*WEIGHT, or a criterion: country=DE*2'),
    criteria: policyWords.exactOptional().describe('The older name of required; read with it.'),
    preferences: policyWords.exactOptional().describe('The older name of preferred; read with it.'),
    spread: z.strictObject({ providersMin: z.int().min(1).max(100) }).default({ providersMin: 1 }),
    allowKinds: z
      .array(z.string().regex(/^([a-z0-9.-]+\/)?v[0-9a-z]+\/[A-Z][A-Za-z0-9]*$/, 'must be group/version/Kind or version/Kind'))
      .max(100)
      .default([])
      .describe('Kinds that a deployment may contain beside the ordinary ones.'),
    exclude: z.array(label).max(1000).default([]).describe('Clusters that are never chosen.'),
    react: z
      .strictObject({
        unreachable: reactWord.exactOptional().describe('The provider does not answer.'),
        circuit: reactWord.exactOptional().describe('Its attachment at an exchange is degraded.'),
        price: reactWord.exactOptional().describe('Prices changed, and another is better now.'),
        proof: z
          .enum(['act', 'ask', 'forbid', 'warn'])
          .exactOptional()
          .describe('It no longer shows what the criteria ask. forbid: nothing new goes there, what runs stays.'),
        draining: reactWord.exactOptional().describe('It asks us to move away.'),
      })
      .exactOptional()
      .describe('What is done when something happens to a provider; ask where nothing is said.'),
  }),
});

export type Amount = z.infer<typeof amount>;
export type FederationDocument = z.infer<typeof federationDocument>;
export type ApplicationDocument = z.infer<typeof applicationDocument>;
export type PolicyDocument = z.infer<typeof policyDocument>;

export const declaredDocuments = { Federation: federationDocument, Application: applicationDocument, Policy: policyDocument } as const;

/** JSON Schema (2020-12) of a document as it is written. */
export const declaredSchema = (kind: DeclaredKind): z.infer<typeof jsonObject> =>
  jsonObject.parse(z.toJSONSchema(declaredDocuments[kind], { io: 'input', unrepresentable: 'any' }));

export const schemaParams = z.object({ kind: declaredKind });

const file = z.strictObject({ file: z.string().min(1).max(4096), text: z.string().max(4 * 1024 * 1024) });

export const planDeclarations = z
  .strictObject({
    documents: z.array(file).min(1).max(500).describe('Files with one or more documents (YAML or JSON), by the names that faults shall tell.'),
    sources: z
      .array(z.strictObject({ file: z.string().max(4096), application: z.string().max(63), manifests: z.array(file).min(1).max(500) }))
      .max(500)
      .default([])
      .describe('What spec.files of an Application names: the document’s file, the application, and what stands there.'),
    prune: z
      .boolean()
      .default(false)
      .describe(
        'Also leave providers that a given Federation does not name, and delete applications and policies that no document names, of the kinds that are given.',
      ),
    dryRun: z.boolean().default(true).describe('false: the first plan is stored, to be approved; when it is done, ask again.'),
  })
  .meta({ id: 'PlanDeclarations' });

export const difference = z
  .object({ path: z.string(), now: json.exactOptional().describe('Absent: not there.'), wanted: json.exactOptional() })
  .meta({ id: 'Difference' });

export const declaredOutcome = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('nothing'), reason: z.string() }),
    z.object({
      kind: z.literal('plan'),
      plan,
      operation: operation.nullable().describe('null after a dry run, or when something else is to be done before'),
    }),
    z.object({ kind: z.literal('store'), text: z.string().describe('PUT /v1/policies/{name} stores it.') }),
    z.object({ kind: z.literal('forget') }).describe('DELETE /v1/policies/{name} forgets it.'),
    z.object({ kind: z.literal('later'), why: z.string().describe('It can only be planned when what comes before it is done.') }),
    z.object({ kind: z.literal('refused'), reasons: list(fault) }),
  ])
  .meta({ id: 'DeclaredOutcome' });

export const declaredAct = z
  .object({ verb: z.string(), isNext: z.boolean().describe('Nothing has to be done before it.'), outcome: declaredOutcome })
  .meta({ id: 'DeclaredAct' });

export const declaredChange = z
  .object({
    kind: declaredKind,
    name: z.string(),
    place: z.object({ file: z.string(), line: z.number() }).nullable().describe('null: no document names it.'),
    differences: list(difference),
    acts: list(declaredAct).describe('In the order in which they are carried out; those of all documents together by dependency.'),
    notes: list(z.string()),
  })
  .meta({ id: 'DeclaredChange' });

export const declarationsQuery = z.object({ kind: declaredKind, name: label.optional() });

export type PlanDeclarations = z.infer<typeof planDeclarations>;
export type Difference = z.infer<typeof difference>;
export type DeclaredOutcome = z.infer<typeof declaredOutcome>;
export type DeclaredAct = z.infer<typeof declaredAct>;
export type DeclaredChange = z.infer<typeof declaredChange>;
