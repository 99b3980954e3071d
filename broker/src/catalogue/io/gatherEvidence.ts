// Fetches what judgements need, keeps it for a while with the time at which it was fetched, and asks again before it is too old.
import { readFile, stat } from 'node:fs/promises';
import { chainText, registryUrl } from '../judge/evidence.ts';
import type { Evidence, Found } from '../judge/evidence.ts';
import type { Policy } from '../judge/policy.ts';
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
/** Of what is kept: strangers decide how many lists they name, and how large these are. */
const keptCharactersMax = 256 * 1024 * 1024;
/** Of one gathering: status lists that are named behind that are not asked for. */
const gatheredCharactersMax = 512 * 1024 * 1024;
const atOnce = 16;
/** Who names an address for one thing must not decide how it is read for another: where it is named for several, the last of these counts. */
const order: readonly Wanted['kind'][] = ['document', 'chain', 'status', 'registry', 'pinned'];
/** Status list → its issuer's document → chain → registry. */
const roundsMax = 4;

type Kept = { readonly found: Found; readonly askedAt: number; readonly againAt: number; readonly holdsUntil: number };

export type EvidenceGatherer = {
  /** `known`: what is there already, and is not asked for. `sinceMs`: what was asked for before is asked for again (milliseconds since 1970). */
  gather(received: readonly string[], policy: Policy, known?: Evidence, sinceMs?: number): Promise<Evidence>;
};

export function createEvidenceGatherer({ statusAgainMs, ...rules }: EvidenceRules, now: () => number): EvidenceGatherer {
  const kept = new Map<string, Kept>();
  let keptCharacters = 0;
  const underWay = new Map<string, Promise<Found>>();
  const keep = (key: string, each: Kept): void => {
    const lengthOf = (known: Kept | undefined): number => (known !== undefined && 'text' in known.found ? known.found.text.length : 0);
    keptCharacters += lengthOf(each) - lengthOf(kept.get(key));
    kept.set(key, each);
    if (kept.size <= addressesMax && keptCharacters <= keptCharactersMax) return;
    kept.clear();
    keptCharacters = 0;
  };

  const ask = async (wanted: Wanted, sinceMs: number): Promise<Found> => {
    const { address, kind } = wanted;
    const key = `${kind} ${address}`;
    const before = kept.get(key);
    if (before !== undefined && before.againAt > now() && before.askedAt >= sinceMs) return before.found;
    const { bytesMax, ...standing } = times[kind];
    const againMs = kind === 'status' ? Math.min(statusAgainMs, standing.againMs) : standing.againMs;
    const fetched = await fetch(wanted, { ...rules, bytesMax });
    const at = now();
    if ('failure' in fetched && before !== undefined && !('failure' in before.found) && before.holdsUntil > at) {
      keep(key, { ...before, askedAt: at, againAt: at + Math.min(failureAgainMs, againMs) });
      return before.found;
    }
    const found: Found = 'failure' in fetched ? fetched : { text: fetched.text, fetchedAt: new Date(at).toISOString() };
    const ttlMs = kind === 'status' && 'text' in found ? (ttlOf(found.text) ?? againMs) : againMs;
    keep(key, {
      found,
      askedAt: at,
      againAt: at + ('failure' in found ? Math.min(failureAgainMs, againMs) : Math.min(againMs, ttlMs)),
      holdsUntil: at + standing.holdsMs,
    });
    return found;
  };
  const askOnce = (each: Wanted, sinceMs: number): Promise<Found> => {
    const key = `${each.kind} ${each.address}`;
    const there = underWay.get(key);
    if (there !== undefined) return there;
    const asking = ask(each, sinceMs).finally(() => underWay.delete(key));
    underWay.set(key, asking);
    return asking;
  };

  return {
    async gather(received, policy, known = new Map(), sinceMs = Number.NEGATIVE_INFINITY) {
      const evidence = new Map<string, Found>(known);
      let characters = 0;
      for (let round = 0; round < roundsMax; round += 1) {
        const named = received
          .flatMap((each) => wanted(each, evidence, policy).filter(isAskable))
          .toSorted((left, right) => order.indexOf(left.kind) - order.indexOf(right.kind));
        const missing = [...new Map(named.map((each) => [each.address, each])).values()].filter(({ address }) => !evidence.has(address));
        if (missing.length === 0) break;
        const one = async (each: Wanted): Promise<void> => {
          const isTooMuch = each.kind === 'status' && characters > gatheredCharactersMax;
          const found = isTooMuch ? { failure: 'more is named together than is read at once' } : await askOnce(each, sinceMs);
          characters += 'text' in found ? found.text.length : 0;
          evidence.set(each.address, found);
        };
        for (let at = 0; at < missing.length; at += atOnce) await Promise.all(missing.slice(at, at + atOnce).map(one));
      }
      return evidence;
    },
  };
}

/** Files, and questions that are posted, are of the configuration: what a credential calls so is not asked for, and stands in nobody's way. */
const isAskable = ({ address, kind }: Wanted): boolean => kind === 'pinned' || kind === 'registry' || !/^(\/|POST )/.test(address);

function fetch(wanted: Wanted, rules: FetchRules): Promise<Fetched> {
  const { address, kind } = wanted;
  if (kind === 'registry') return fetchText(registryUrl(wanted.registry), rules, { body: JSON.stringify({ certs: chainText(wanted.chain) }) });
  return kind === 'pinned' && address.startsWith('/') ? readText(address, rules.bytesMax) : fetchText(address, rules);
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
