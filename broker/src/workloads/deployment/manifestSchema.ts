// The shape that every object of a manifest must have; what only a server may write is left out.
import { z } from 'zod';
import type { KubeManifest } from '../manifest.ts';

// RFC 1123: what Kubernetes takes as the name of an object (some kinds take less, their server says so).
const name = z
  .string('has to be text')
  .max(253, 'has at most 253 characters')
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 'has to be lower case letters, digits, "-" and "."');
const texts = z.record(z.string(), z.string('has to be text: put numbers and true/false in quotes'));

const forServers = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
] as const;
const absent = (why: string) => z.undefined(why).optional();

const metadata = z
  .looseObject({
    name,
    namespace: name.nullish().transform((value) => value ?? undefined),
    labels: texts.nullish().transform((value) => value ?? undefined),
    annotations: texts.nullish().transform((value) => value ?? undefined),
    generateName: absent('is not taken: an application that is deployed again needs fixed names'),
    ownerReferences: absent('is not taken: the objects belong to the application'),
    finalizers: absent('is not taken: it would keep the application from being deleted'),
  })
  .transform((value) => without(value, forServers));

export const manifestSchema: z.ZodType<KubeManifest> = z
  .looseObject({
    apiVersion: z.string('has to be text').regex(/^([a-z0-9.-]{1,253}\/)?v[0-9][a-z0-9]{0,30}$/, 'has to be like v1 or apps/v1'),
    kind: z.string('has to be text').regex(/^[A-Z][A-Za-z0-9]{0,62}$/, 'has to be like Deployment'),
    metadata,
  })
  .transform(({ status: _ofTheServer, ...value }) => value);

/** Also drops what is undefined, so that the object reads the same before and after it was stored. */
function without<T extends { name: string; [key: string]: unknown }>(value: T, keys: readonly string[]): { name: string; [key: string]: unknown } {
  const kept = Object.entries(value).filter(([key, item]) => item !== undefined && !keys.includes(key));
  return { ...Object.fromEntries(kept), name: value.name };
}
