// The same credential on the same evidence is judged once a minute, and again at the moment at which it ends.
import { judge, type Evidence, type Judgement, type Policy } from '../index.ts';
import { look } from '../judge/check.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
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
    const judgement = judged(received, evidence, policy, at.toISOString());
    const ends = [judgement, ...judgement.contents]
      .flatMap(({ validUntil }) => (validUntil === null ? [] : [Date.parse(validUntil)]))
      .filter((end) => end > now);
    if (kept.size >= judgementsMax) kept.clear();
    kept.set(digest, { key, judgement, from: now, until: Math.min(now + keptMs, ...ends) });
    return judgement;
  };
}

/** A fault of ours that one credential brings to light must not keep all the others from being judged: that one is believed by nobody, and says why. */
function judged(received: string, evidence: Evidence, policy: Policy, at: string): Judgement {
  try {
    return judge(received, evidence, policy, at);
  } catch (error) {
    const reason = `it could not be judged, which is a fault of Hanse: ${error instanceof Error ? error.message : 'no reason was given'}`;
    const check = { ...look('structure', 'unknown', reason), blocks: true };
    return { digest: sha256Hex(received), kind: 'credential', credential: null, checks: [check], validUntil: null, contents: [] };
  }
}
