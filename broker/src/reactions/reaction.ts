// What was seen of a provider that calls for a new decision, and what came of it: a value that is stored, shown and replayed.

export const causes = ['unreachable', 'circuit', 'price', 'proof', 'cordoned', 'draining'] as const;
export type Cause = (typeof causes)[number];

/** Something that is so now. */
export type Signal = {
  readonly cause: Cause;
  /** Our name of the provider's cluster. */
  readonly provider: string;
  /** null: it concerns everything that runs there. */
  readonly application: string | null;
  /** What was seen, as a sentence. */
  readonly found: string;
};

export const reactionStates = ['watching', 'heldBack', 'warned', 'closed', 'asking', 'acting', 'refused', 'over'] as const;

export type Reaction = Signal & {
  readonly id: string;
  readonly state: (typeof reactionStates)[number];
  /** Why it was decided so, as sentences. */
  readonly because: readonly string[];
  /** RFC 3339. */
  readonly since: string;
  /** RFC 3339; nothing is decided before: it may pass by itself. */
  readonly holdUntil: string;
  readonly decidedAt: string | null;
  readonly overAt: string | null;
  /** The plan that was made. */
  readonly operation: string | null;
};

/** Of what is about the same thing at most one is open. */
export const aboutOf = ({ cause, provider, application }: Pick<Signal, 'cause' | 'provider' | 'application'>): string =>
  `${cause}/${provider}/${application ?? ''}`;

/** A plan is wanted of it, or there already. */
export const isMoving = ({ state }: Pick<Reaction, 'state'>): boolean => state === 'asking' || state === 'acting';
