// What can be asked for, parsed at the border.
import { z } from 'zod';
import { limits } from '../deployment/readManifests.ts';

/** Of an application or a cluster, as Kubernetes names namespaces. */
export const name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'has to be lower case letters, digits and "-"')
  .max(63, 'has at most 63 characters');
const words = z.array(z.string().max(500)).max(100).default([]);
const file = z.strictObject({ file: z.string().min(1).max(4096), text: z.string().max(limits.fileCharacters) });

export const deployRequest = z
  .strictObject({
    name: name.describe('Name of the application, and of its namespace.'),
    manifests: z
      .array(file)
      .min(1)
      .max(limits.objects)
      .optional()
      .describe('Kubernetes manifests as text (YAML or JSON), each with the name it has where it came from.'),
    url: z.string().max(2000).optional().describe('https address to fetch the manifests from, instead.'),
    where: words.describe('Criteria that each cluster has to meet: country=DE,NL · memory>=64GiB'),
    prefer: words.describe('Facts by which to prefer, or criteria: price, cpu.cores:highest*2, country=DE*3'),
    policy: file.optional().describe('A Policy file as text; its criteria and preferences are joined with the others.'),
    clusters: z.array(name).min(1).max(100).optional().describe('Exactly these clusters; the home cluster may be among them.'),
    home: name.optional().describe('The home cluster, where there are several.'),
    spread: z.int().min(1).max(100).optional().describe('Over how many providers at least, where that is possible.'),
    keepSecretData: z.boolean().default(false).describe('A Secret that stands there without data and stringData keeps the data that it has.'),
    rolloutSeconds: z.int().min(10).max(3600).default(300).describe('How long the replicas may take to become ready.'),
  })
  .refine(({ manifests, url }) => (manifests === undefined) !== (url === undefined), { message: 'Give either manifests or a URL.', path: ['manifests'] });
export type DeployRequest = z.infer<typeof deployRequest>;

export const deleteRequest = z.strictObject({
  name: name.describe('Name of the application.'),
  data: z.boolean().default(false).describe('Delete its volume claims too; what is in them is lost.'),
  foreign: z.boolean().default(false).describe('Delete also what others made in its namespace.'),
});
export type DeleteRequest = z.infer<typeof deleteRequest>;
