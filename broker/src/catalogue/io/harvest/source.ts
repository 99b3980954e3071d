// What the configuration names as a source of credentials: a folder or an address, or a service that is read bit by bit.

export const harvestKinds = ['ces', 'xfsc', 'did', 'hanse'] as const;
export type HarvestKind = (typeof harvestKinds)[number];

/** `at`: base address of the service, or the DID. `tokenFile`: has the token that the service asks for; read when it is used, never kept. */
export type HarvestSource = { readonly kind: HarvestKind; readonly at: string; readonly tokenFile?: string };

/** A text: a folder, or an https address. */
export type Source = string | HarvestSource;

/** How it is called in tables, reasons and on the command line. */
export const nameOf = (source: Source): string => (typeof source === 'string' ? source : `${source.kind} ${source.at}`);

export const kindOf = (source: Source): HarvestKind | 'folder' | 'address' =>
  typeof source === 'string' ? (source.includes('://') ? 'address' : 'folder') : source.kind;
