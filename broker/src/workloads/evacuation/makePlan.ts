// An evacuation: the moves of every application at a provider, one application after the other, with time to look between them.
import type { Plan } from '../../operations/index.ts';
import { madeFromMove, moveNotes, type PlannedMove, pointOfNoReturn } from '../migration/makePlan.ts';
import { moveSteps } from '../migration/moveSteps.ts';
import type { Move } from '../migration/move.ts';

export type Evacuation = { readonly provider: string; readonly moves: readonly PlannedMove[]; readonly paceSeconds: number };

export function makeEvacuatePlan({ provider, moves, paceSeconds }: Evacuation): Plan {
  const steps = evacuationSteps(moves.map(({ move }) => move));
  const names = moves.map(({ move }) => move.before.name);
  return {
    kind: 'evacuate',
    subject: provider,
    title: `Move ${names.join(', ')} away from ${provider}`,
    steps,
    pointOfNoReturn: pointOfNoReturn(steps),
    madeFrom: { moves: moves.map(({ move }) => madeFromMove(move)) },
    notes: [
      ...moves.flatMap(({ move, facts }) => moveNotes(move, facts).map((note) => ({ ...note, text: `${move.before.name}: ${note.text}` }))),
      ...(names.length > 1
        ? [{ topic: 'order', text: `${names.join(', then ')}. Once the first has left, a failure in a later one does not bring it back: you are asked.` }]
        : []),
    ],
    paceSeconds,
  };
}

/** Measured once, for every sender of all of them. */
export function evacuationSteps(moves: readonly Move[]): Plan['steps'] {
  const senders = [...new Set(moves.flatMap((move) => move.senders))].sort();
  const [first, ...others] = moves;
  if (!first) return [];
  const widest = { ...first, senders };
  return [...moveSteps(widest), ...others.flatMap((move) => moveSteps(move).filter(({ kind }) => kind !== 'move-measure' && kind !== 'move-clean'))];
}
