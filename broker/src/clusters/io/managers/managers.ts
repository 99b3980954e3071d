// The managers that can make and take nodes, by one face.
import type { Allowed } from '../../address.ts';
import type { Managed, ManagerRef } from '../../entry.ts';
import type { Scope } from './http.ts';
import { endOneToken, readOne, scaleOne, tradeOneAuth } from './opennebula.ts';
import { readRancher, scaleRancher } from './rancher.ts';

/** The credential to keep: never a password where the manager gives tokens. */
export const keepManager = async (ref: ManagerRef, given: string, allowed: Allowed, scope: Scope): Promise<string> =>
  ref.kind === 'rancher' ? given : tradeOneAuth({ ...ref, auth: given }, allowed, scope);

/** Ends what `keepManager` made. A manager that does not answer lets it end by itself. */
export const endManager = async (ref: ManagerRef, kept: string, allowed: Allowed, scope: Scope): Promise<void> => {
  if (ref.kind === 'opennebula') await endOneToken({ ...ref, auth: kept }, allowed, scope).catch(() => {});
};

export const readManaged = (ref: ManagerRef, kept: string, allowed: Allowed, scope: Scope = {}): Promise<Managed> =>
  ref.kind === 'rancher' ? readRancher({ ...ref, token: kept }, ref.cluster, allowed, scope) : readOne({ ...ref, auth: kept }, ref.cluster, allowed, scope);

/** Idempotent: sets how many nodes the pool shall have. Returns when the manager has taken it up; false: it is busy with another size. */
export const scalePool = (
  ref: ManagerRef,
  kept: string,
  wanted: { readonly pool: string; readonly nodes: number },
  allowed: Allowed,
  scope: Scope,
): Promise<boolean> =>
  ref.kind === 'rancher'
    ? scaleRancher({ ...ref, token: kept }, ref.cluster, wanted.pool, wanted.nodes, allowed, scope)
    : scaleOne({ ...ref, auth: kept }, ref.cluster, wanted.pool, wanted.nodes, allowed, scope);
