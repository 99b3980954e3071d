// The same credential on the same evidence is judged once a minute, and again at the moment at which it ends.
import { judge, type Evidence, type Judgement, type Policy } from '../index.ts';
import { sha256Hex } from '../pure-crypto.ts';
import type { Bases } from './bases.ts';

/** A list past its ttl or a credential that begins to count is noticed within this. */
const keptMs = 60_000;
/** Each holds its credential as read. */
const judgementsMax = 5000;

type Kept = { readonly key: string; readonly judgement: Judgement; readonly from: number; readonly until: number };

export function createJudge(keyOf: Bases['keyOf']): (received: string, evidence: Evidence, policy: Policy, at: Date) => Judgement {
  const kept = new Map<string, Kept>();
  return (received, evidence, policy, at) => {
    const digest = sha256Hex(received);
    const key = keyOf(received, evidence, policy);
    const known = kept.get(digest);
    const now = at.getTime();
    if (known !== undefined && known.key === key && known.from <= now && now < known.until) return known.judgement;
    const judgement = judge(received, evidence, policy, at.toISOString());
    const ends = [judgement, ...judgement.contents]
      .flatMap(({ validUntil }) => (validUntil === null ? [] : [Date.parse(validUntil)]))
      .filter((end) => end > now);
    if (kept.size >= judgementsMax) kept.clear();
    kept.set(digest, { key, judgement, from: now, until: Math.min(now + keptMs, ...ends) });
    return judgement;
  };
}
