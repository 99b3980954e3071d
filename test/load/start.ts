// Starts the load of client.mjs, here or inside a site of the laboratory, and reads what it saw. Only processes started here are ended.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export type LoadClient =
  | { readonly kind: 'fresh'; readonly url: string; readonly perSecond: number }
  | { readonly kind: 'keptAlive'; readonly url: string; readonly perSecond: number; readonly count: number; readonly ageMaxSeconds: number }
  | { readonly kind: 'neverClosing'; readonly url: string; readonly perSecond: number; readonly count: number };

const failure = z.object({
  atMs: z.number(),
  tookMs: z.number(),
  code: z.string(),
  port: z.number().nullable(),
  connection: z.union([z.string(), z.number()]),
});
const result = z.object({
  kind: z.enum(['fresh', 'keptAlive', 'neverClosing']),
  url: z.string(),
  sent: z.number(),
  ok: z.number(),
  lost: z.number(),
  failures: z.array(failure),
  failuresByConnection: z.record(z.string(), z.number()),
  pods: z.record(z.string(), z.number()),
  p50Ms: z.number(),
  p99Ms: z.number(),
});
const begun = z.object({ begun: z.literal(true) });
const report = z.object({ seconds: z.number(), results: z.array(result) });
export type LoadReport = z.infer<typeof report>;

/** Of the sources, also when this runs from dist. */
const root = ((): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
})();

/** `site`: name of the laboratory's network namespace without `hanse-`; null: where this runs. Resolves when every address has answered once; ends by itself after `seconds`. */
export async function startLoad(site: string | null, seconds: number, clients: readonly LoadClient[]): Promise<{ stop(): Promise<LoadReport> }> {
  const within = site === null ? [] : ['nsenter', `--net=/var/run/netns/hanse-${site}`];
  const [program, ...words] = [...within, process.execPath, join(root, 'test/load/client.mjs'), JSON.stringify({ seconds, clients })];
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done) throw new Error(`the load on ${clients.map(({ url }) => url).join(', ')} ended, see above`);
    return JSON.parse(line.value);
  };
  begun.parse(await next());
  return {
    async stop() {
      child.stdin.end();
      return report.parse(await next());
    },
  };
}

/** How the requests were lost, to be read beside the journal: when (in seconds since the load began), how, and by which kind of client. */
export const lossesOf = ({ results }: LoadReport): string[] =>
  results.flatMap(({ kind, failures }) =>
    failures.map(({ atMs, tookMs, code, connection }) => `${(atMs / 1000).toFixed(2)} s: ${kind} ${connection}: ${code} after ${tookMs} ms`),
  );
