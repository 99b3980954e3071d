// Fetches what judgements need, keeps it for a while with the time at which it was fetched, and asks again before it is too old.
import { readFile, stat } from 'node:fs/promises';
import { questionOf } from '../evidence.ts';
import type { Evidence, Found } from '../evidence.ts';
import type { Policy } from '../policy.ts';
import { ttlOf } from '../rests.ts';
import { wanted } from '../wanted.ts';
import type { Wanted } from '../wanted.ts';
import { fetchText } from './fetchText.ts';
import type { Fetched, FetchRules } from './fetchText.ts';

export type EvidenceRules = Omit<FetchRules, 'bytesMax'> & {
  /** Status lists are asked for again after this. */
  readonly statusAgainMs: number;
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Asked again after `again`; what was there the last time counts until `holds` where it cannot be had: a key that was taken back stops counting within the hour. */
const times: Readonly<Record<Wanted['kind'], { readonly againMs: number; readonly holdsMs: number; readonly bytesMax: number }>> = {
  document: { againMs: 30 * minuteMs, holdsMs: hourMs, bytesMax: 64 * 1024 },
  chain: { againMs: 6 * hourMs, holdsMs: 24 * hourMs, bytesMax: 128 * 1024 },
  registry: { againMs: 6 * hourMs, holdsMs: 24 * hourMs, bytesMax: 64 * 1024 },
  // what it has to be is known by its digest; it is asked for again only because it may be mended
  pinned: { againMs: 6 * hourMs, holdsMs: 30 * 24 * hourMs, bytesMax: 8 * 1024 * 1024 },
  status: { againMs: 5 * minuteMs, holdsMs: hourMs, bytesMax: 4 * 1024 * 1024 },
};
/** A host that does not answer is not asked again at every decision. */
const failureAgainMs = minuteMs;
const addressesMax = 50_000;
const atOnce = 16;
/** Document → chain and registry; status lists beside them. */
const roundsMax = 3;

type Kept = { readonly found: Found; readonly askedAt: number; readonly againAt: number; readonly holdsUntil: number };

export type EvidenceGatherer = {
  /** `known`: what is there already, and is not asked for. `sinceMs`: what was asked for before is asked for again (milliseconds since 1970). */
  gather(received: readonly string[], policy: Policy, known?: Evidence, sinceMs?: number): Promise<Evidence>;
};

export function createEvidenceGatherer({ statusAgainMs, ...rules }: EvidenceRules, now: () => number): EvidenceGatherer {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Found>>();

  const ask = async ({ address, kind }: Wanted, sinceMs: number): Promise<Found> => {
    const before = kept.get(address);
    if (before !== undefined && before.againAt > now() && before.askedAt >= sinceMs) return before.found;
    const { bytesMax, ...standing } = times[kind];
    const againMs = kind === 'status' ? Math.min(statusAgainMs, standing.againMs) : standing.againMs;
    const { url, body } = questionOf(address);
    const fetched = url.startsWith('/') ? await readText(url, bytesMax) : await fetchText(url, { ...rules, bytesMax }, { body });
    const at = now();
    if ('failure' in fetched && before !== undefined && !('failure' in before.found) && before.holdsUntil > at) {
      kept.set(address, { ...before, askedAt: at, againAt: at + Math.min(failureAgainMs, againMs) });
      return before.found;
    }
    const found: Found = 'failure' in fetched ? fetched : { text: fetched.text, fetchedAt: new Date(at).toISOString() };
    const ttlMs = kind === 'status' && 'text' in found ? (ttlOf(found.text) ?? againMs) : againMs;
    if (kept.size >= addressesMax) kept.clear();
    kept.set(address, {
      found,
      askedAt: at,
      againAt: at + ('failure' in found ? Math.min(failureAgainMs, againMs) : Math.min(againMs, ttlMs)),
      holdsUntil: at + standing.holdsMs,
    });
    return found;
  };
  const askOnce = (each: Wanted, sinceMs: number): Promise<Found> => {
    const there = underWay.get(each.address);
    if (there !== undefined) return there;
    const asking = ask(each, sinceMs).finally(() => underWay.delete(each.address));
    underWay.set(each.address, asking);
    return asking;
  };

  return {
    async gather(received, policy, known = new Map(), sinceMs = Number.NEGATIVE_INFINITY) {
      const evidence = new Map<string, Found>(known);
      for (let round = 0; round < roundsMax; round += 1) {
        const all = new Map(received.flatMap((each) => wanted(each, evidence, policy)).map((each) => [each.address, each]));
        const missing = [...all.values()].filter(({ address }) => !evidence.has(address));
        if (missing.length === 0) break;
        for (let at = 0; at < missing.length; at += atOnce)
          await Promise.all(missing.slice(at, at + atOnce).map(async (each) => void evidence.set(each.address, await askOnce(each, sinceMs))));
      }
      return evidence;
    },
  };
}

/** A file that the configuration names. */
async function readText(file: string, bytesMax: number): Promise<Fetched> {
  try {
    const { size } = await stat(file);
    return size > bytesMax ? { failure: `it is larger than ${bytesMax} bytes` } : { text: await readFile(file, 'utf8') };
  } catch (error) {
    return { failure: error instanceof Error && 'code' in error ? `it cannot be read (${String(error.code)})` : 'it cannot be read' };
  }
}
