// Who took which credential back, for good or for a while: two BitstringStatusLists of each issuer, a bit for each credential.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Plain } from '../fields.ts';

export const purposes = ['revocation', 'suspension'] as const;
export type Purpose = (typeof purposes)[number];

const listBytes = 16_384;
const hourMs = 3_600_000;

/** The place of a credential (`member/kind`) on the list of its issuer; the same when it is issued anew. */
export const statusIndex = (credential: string): number => createHash('sha256').update(credential).digest().readUInt32BE() % (listBytes * 8);

type List = { readonly address: string; readonly issuer: string; readonly purpose: Purpose; readonly set: readonly string[] };

/** `set`: `member/kind`. */
export function statusList({ address, issuer, purpose, set }: List, now: number): Plain {
  const bits = new Uint8Array(listBytes);
  for (const index of set.map(statusIndex)) bits[Math.floor(index / 8)] = (bits[Math.floor(index / 8)] ?? 0) | (0x80 >> (index % 8));
  return {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    type: ['VerifiableCredential', 'BitstringStatusListCredential'],
    id: address,
    issuer,
    validFrom: new Date(now - 60_000).toISOString(),
    validUntil: new Date(now + 48 * hourMs).toISOString(),
    credentialSubject: {
      id: `${address}#list`,
      type: 'BitstringStatusList',
      statusPurpose: purpose,
      encodedList: `u${gzipSync(bits).toString('base64url')}`,
      ttl: hourMs,
    },
  };
}
