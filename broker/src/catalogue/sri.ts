// How Gaia-X names a credential by its contents: `sha256-` and hex over the canonical JSON (RFC 8785) of its payload. The W3C's SRI is base64.
import canonicalize from 'canonicalize';
import type { Credential } from './credential.ts';
import { sha256Hex } from './pure-crypto.ts';

export const sriOf = ({ document }: Pick<Credential, 'document'>): string => `sha256-${sha256Hex(canonicalize(document) ?? '')}`;
