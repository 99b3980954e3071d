// What a document leads to: requests of the ordinary verbs, in an order in which each finds what it needs.
import type { DeclaredKind, Difference } from '../../../contract/src/index.ts';
import type { Json } from '../ids.ts';

/** Lower ones are done before higher ones are planned for good. */
export const stages = { store: 0, federate: 1, resize: 2, move: 3, deploy: 4, moveByCriteria: 5, delete: 6, leave: 7, forget: 8 } as const;

export type Act =
  | { readonly kind: 'verb'; readonly stage: number; readonly verb: string; readonly request: Readonly<Record<string, Json>> }
  | { readonly kind: 'store'; readonly stage: number; readonly text: string }
  | { readonly kind: 'forget'; readonly stage: number };

export type Translated = {
  readonly kind: DeclaredKind;
  readonly name: string;
  readonly place: { readonly file: string; readonly line: number } | null;
  readonly differences: readonly Difference[];
  readonly acts: readonly Act[];
  readonly notes: readonly string[];
};

export const verbAct = (verb: string, stage: number, request: Readonly<Record<string, Json | undefined>>): Act => ({
  kind: 'verb',
  verb,
  stage,
  request: Object.fromEntries(Object.entries(request).filter((entry): entry is [string, Json] => entry[1] !== undefined)),
});
