// Who the configuration trusts: DID → a public key (JWK) and the roles of its owner, or several keys, or roles alone where did:web has the key.
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import { publicJwk } from './did.ts';
import { roles } from './policy.ts';
import type { TrustedIssuer } from './policy.ts';

const rolesOf = z.array(z.enum(roles)).default([]);
const entry = z.union([
  z.strictObject({ roles: rolesOf, keys: z.array(publicJwk).max(20).default([]) }).transform(({ roles: held, keys }) => ({ roles: held, keys })),
  publicJwk.extend({ roles: rolesOf }).transform(({ roles: held, ...jwk }) => ({ roles: held, keys: [jwk] })),
]);

/** SETUP_FAILED names the issuer whose entry cannot be read. */
export function parseTrustedIssuers(entries: Readonly<Record<string, unknown>>): TrustedIssuer[] {
  return Object.entries(entries).map(([id, given]) => {
    const parsed = entry.safeParse(given);
    if (parsed.success) return { id, ...parsed.data };
    const path = `credentials.trustedIssuers.${id}`;
    throw new HanseError('SETUP_FAILED', `The configuration of the issuer ${id} cannot be read.`, {
      place: { path },
      fix: `Give ${path} a public JWK with roles (${roles.join(', ')}), or keys: [JWK, …] with roles.`,
    });
  });
}

/** Certificates (PEM) out of a file of them; text between them is allowed, as bundles have it. */
export const parseAnchors = (text: string): readonly string[] => text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
