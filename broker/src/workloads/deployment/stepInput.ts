// Applications as JSON in plans and rows, and back; read again with the same suspicion as anything from outside.
import { z } from 'zod';
import type { JsonObject } from '../../ids.ts';
import type { Placement, PlacementRequest } from '../../placement/index.ts';
import type { Application } from '../application.ts';
import type { KubeManifest } from '../manifest.ts';

const json: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** Everything in an application came from JSON, so this only says so. */
export const inputOf = (application: Application): JsonObject => json.parse(application);

const manifest = z.custom<KubeManifest>(
  (value) => z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) }).safeParse(value).success,
);
const reactWord = z.enum(['act', 'ask', 'warn']);
const record = z.object({
  name: z.string(),
  namespace: z.string(),
  home: z.string(),
  accepted: z.array(manifest),
  manifests: z.array(manifest),
  secrets: z.array(z.object({ name: z.string(), sealed: z.string() })),
  clusters: z.array(z.string()),
  request: z.custom<PlacementRequest>(
    (value) =>
      z
        .looseObject({
          subject: z.string(),
          replicas: z.number(),
          each: z.looseObject({}),
          criteria: z.array(z.looseObject({})),
          preferences: z.array(z.looseObject({})),
        })
        .safeParse(value).success,
  ),
  asked: z
    .object({
      where: z.array(z.string()),
      prefer: z.array(z.string()),
      policy: z.string().exactOptional(),
      clusters: z.array(z.string()).exactOptional(),
      spread: z.number().exactOptional(),
    })
    .exactOptional(),
  placement: z.custom<Placement>(
    (value) => z.looseObject({ chosen: z.array(z.looseObject({})).nullable(), candidates: z.array(z.looseObject({})) }).safeParse(value).success,
  ),
  react: z
    .object({
      unreachable: reactWord.exactOptional(),
      circuit: reactWord.exactOptional(),
      price: reactWord.exactOptional(),
      proof: z.enum(['act', 'ask', 'forbid', 'warn']).exactOptional(),
      draining: reactWord.exactOptional(),
    })
    .exactOptional(),
  state: z.enum(['deploying', 'running', 'migrating', 'deleting']),
});

/** Throws when a row or a plan of another version is read. */
export const readApplication = (value: unknown): Application => record.parse(value);
