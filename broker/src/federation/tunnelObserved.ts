// What one side shows of a tunnel, as a value: read by io/liqo, decided upon by tunnelChanges.
import type { Thing } from './liqoObjects.ts';
import type { Cidrs } from './tunnel.ts';
import type { Endpoint } from './tunnelObjects.ts';

export type TunnelEnd = {
  /** `remote`: what it was told of the other side; `seenAs`: what Liqo made of it; null: not yet. */
  readonly configurations: readonly (Thing & { readonly remote: Cidrs; readonly seenAs: Cidrs | null })[];
  readonly servers: readonly (Thing & {
    readonly mtuBytes: number;
    readonly service: string;
    readonly endpoint: Endpoint | null;
    readonly key: string | null;
  })[];
  readonly clients: readonly (Thing & { readonly mtuBytes: number; readonly endpoint: Endpoint; readonly key: string | null })[];
  /** Keys of the other side's gateway that this side was told. */
  readonly peerKeys: readonly (Thing & { readonly key: string })[];
  readonly connections: readonly (Thing & { readonly connected: boolean; readonly told: string })[];
};

export const noTunnel: TunnelEnd = { configurations: [], servers: [], clients: [], peerKeys: [], connections: [] };
