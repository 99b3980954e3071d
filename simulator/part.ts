// A part of the simulated outside world: a server of its own beside the members' API servers.
import type { Clock } from './clock.ts';
import type { Pace } from './controllers/controller.ts';
import type { Disk } from './disk.ts';
import type { MemberData } from './federation.ts';
import type { Lan } from './lan.ts';
import type { World } from './world.ts';

/** How long simulated things take; `proxy`: between a change of endpoints and the tables of a cluster's nodes. */
export type DemoPace = Pace & {
  readonly proxy: { readonly msMin: number; readonly msMax: number };
  /** How long a pod that measures waits for what may not come. */
  readonly sender: { readonly quietMs: number; readonly patienceMs: number };
};
export type PartOptions = {
  readonly disk: Disk;
  readonly clock: Clock;
  /** Who takes part; in the world are those whose clusters are simulated. */
  readonly members: readonly MemberData[];
  readonly world: World;
  readonly pace: DemoPace;
  readonly lan: Lan;
};

/** What `hanse demo NAME …` does: one sentence of what it did. Throws a sentence when the words do not fit. */
export type Action = { readonly usage: string; readonly about: string; run(words: readonly string[]): Promise<string> };

export type RunningPart = {
  /** Where it listens for the broker; absent: the broker has nothing to do with it. */
  readonly url?: string;
  readonly actions?: Readonly<Record<string, Action>>;
  /** What a client has to be told beside the address; kept in a file that only its owner reads. */
  readonly told?: Readonly<Record<string, unknown>>;
  /** Everything as the federation's data has it. */
  reset?(): Promise<void>;
  close(): Promise<void>;
};

export type Part = { readonly name: string; start(options: PartOptions): Promise<RunningPart> };
