// One step of reading a source, whatever its kind: ask once or a few times, and say what came. Keeping it, and holding it against the limits, is the turn's.
import type { Fetched } from '../fetchText.ts';
import type { HarvestSource } from '../../source.ts';

/** `id`: what the source calls it. */
export type Item = { readonly id: string; readonly text: string };
export type Refusal = {
  readonly id: string;
  readonly reason: string;
  /** The source said something that its bytes disprove. */
  readonly isLie?: true;
};

export type Step = {
  readonly items: readonly Item[];
  readonly refused: readonly Refusal[];
  /** Items that it says are still there, without their bytes. */
  readonly listed: readonly string[];
  /** Items that it says are there no longer. */
  readonly gone: readonly string[];
  /** Where the next step goes on; null: from the beginning. */
  readonly cursor: string | null;
  readonly more: boolean;
  /** Everything was listed since the beginning: what was not is gone. */
  readonly isWhole: boolean;
};

/** `failure`: it could not be read now. `lie`: it says what cannot be, and is left alone for a while. */
export type Stepped = Step | { readonly failure: string } | { readonly lie: string };

export type Asking = {
  readonly source: HarvestSource;
  readonly cursor: string | null;
  /** Under the rules for what strangers serve, within the requests of this turn; the source's token goes to the source alone. */
  ask(address: string, bytesMax: number): Promise<Fetched>;
  /** Of these items, those whose bytes are here: the digest of each. */
  held(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
};

export type Read = (asking: Asking) => Promise<Stepped>;

export const nothing = { items: [], refused: [], listed: [], gone: [], more: false, isWhole: false } as const;
