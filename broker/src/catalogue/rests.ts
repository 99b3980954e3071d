// What a credential rests on, with its ages: when that is too old it is looked at again.
import { readCredential } from './judge/credential.ts';
import type { Evidence } from './judge/evidence.ts';
import type { Rest } from './lifecycle.ts';
import type { Policy } from './judge/policy.ts';
import { listTtlMs } from './judge/status.ts';
import { wanted } from './wanted.ts';

export const restsOf = (received: string, evidence: Evidence, policy: Policy): Rest[] =>
  wanted(received, evidence, policy).map(({ address, kind }) => {
    const found = evidence.get(address);
    if (found === undefined || 'failure' in found) return { kind, fetchedAt: null, ttlMs: null };
    return { kind, fetchedAt: Date.parse(found.fetchedAt), ttlMs: kind === 'status' ? ttlOf(found.text) : null };
  });

/** For how long a status list says that it counts; null: it does not say, or is none. */
export function ttlOf(text: string): number | null {
  const list = readCredential(text.trim());
  return 'part' in list ? null : listTtlMs(list);
}
