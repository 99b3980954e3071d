// Sentences from opinions: why these clusters, why not the others, and what would have to change. Nothing is judged again.
import type { Candidate, Opinion, Placement } from './placement.ts';
import { relaxed } from './relax.ts';

/** One line for what was chosen, then one for each candidate, best first. */
export function explain(decided: Placement): string[] {
  const placement = { ...decided, candidates: withoutEchoes(decided.candidates) };
  return [summary(placement), ...placement.candidates.map((candidate) => sentence(candidate, placement))];
}

/** Where `among` names all that can be reached, as when nobody named any, it says of the others only what `reach` says already. */
function withoutEchoes(candidates: readonly Candidate[]): Candidate[] {
  const isSo = ({ opinions }: Candidate, criterion: string, verdict: Opinion['verdict']): boolean =>
    opinions.some((opinion) => opinion.criterion === criterion && opinion.verdict === verdict);
  const isEcho = !candidates.some((candidate) => isSo(candidate, 'reach', 'satisfied') && isSo(candidate, 'among', 'excluded'));
  return candidates.map((candidate) =>
    isEcho && isSo(candidate, 'reach', 'excluded')
      ? { ...candidate, opinions: candidate.opinions.filter(({ criterion }) => criterion !== 'among') }
      : candidate,
  );
}

function summary({ chosen, candidates, snapshotVersion }: Placement): string {
  const fitting = candidates.filter(isFitting).length;
  const basis = `${fitting} of ${candidates.length} ${candidates.length === 1 ? 'cluster satisfies' : 'clusters satisfy'} every criterion (snapshot ${snapshotVersion}).`;
  if (chosen !== null) return `Chosen: ${chosen.map(({ cluster, replicas }) => `${cluster} for ${replicas}`).join(', ')}. ${basis}`;
  if (fitting > 0) return `Nothing is chosen: those that satisfy every criterion have no room for all replicas together. ${basis}`;
  const nearest = nearestCandidate(candidates);
  return `Nothing fits. ${basis}${nearest === null ? '' : ` Nearest is ${nearest.cluster}: ${smallestChange(nearest) ?? ''}.`}`;
}

function sentence(candidate: Candidate, { chosen }: Placement): string {
  const taken = chosen?.find(({ cluster }) => cluster === candidate.cluster)?.replicas ?? 0;
  if (!isFitting(candidate)) return `${candidate.cluster}: no, ${excluding(candidate).map(because).join('; ')}. To match: ${smallestChange(candidate) ?? ''}.`;
  const scores = candidate.opinions
    .filter(({ verdict }) => verdict === 'scored')
    .map(({ criterion, found, score }) => `${criterion} ${found} scores ${rounded(score ?? 0)}`);
  const reasons = [...candidate.opinions.filter(({ verdict }) => verdict === 'satisfied').map(({ criterion, found }) => `${criterion}: ${found}`), ...scores];
  return `${candidate.cluster}: ${taken > 0 ? `chosen for ${taken}` : 'fits, but others score higher or come first by name'}, total ${rounded(candidate.total ?? 0)}; ${reasons.join('; ')}.`;
}

export const isFitting = ({ total }: Candidate): boolean => total !== null;

const excluding = ({ opinions }: Candidate): Opinion[] => opinions.filter(({ verdict }) => verdict === 'excluded');

function because({ criterion, asked, found }: Opinion): string {
  switch (criterion) {
    case 'reach':
      return found;
    case 'among':
      return 'it is not among those named';
    case 'exclude':
      return 'it is excluded by name';
    case 'capacity':
      return found === 'unknown' ? 'nobody told what is free there' : `it has ${found}, of ${asked}`;
    default:
      return found === 'unknown' ? `nobody stated what ${asked} asks` : `${asked} but ${found}`;
  }
}

/** What would have to be asked instead for this candidate to match: the nearest criterion for each that it fails, and no other. null: it matches. */
export function smallestChange(candidate: Candidate): string | null {
  const changes = excluding(candidate).map(changeFor);
  return changes.length === 0 ? null : changes.join(' and ');
}

function changeFor(opinion: Opinion): string {
  const { criterion, asked } = opinion;
  const nearest = relaxed(opinion);
  if (nearest !== null) return `ask ${nearest} instead of ${asked}`;
  switch (criterion) {
    case 'reach':
      return asked === 'a federated cluster'
        ? 'federate with it first'
        : asked === 'a cluster that was added'
          ? 'add the cluster first'
          : 'name home among the clusters';
    case 'among':
      return 'name it among the clusters';
    case 'exclude':
      return 'do not exclude it';
    case 'capacity':
      return 'ask for smaller replicas, or wait until more is free';
    default:
      return `leave ${asked} away`;
  }
}

/** The candidate that fails the fewest opinions; ties by name. null: there is none that fails any. */
export function nearestCandidate(candidates: readonly Candidate[]): Candidate | null {
  let nearest: { readonly candidate: Candidate; readonly failures: number } | null = null;
  for (const candidate of candidates) {
    const failures = excluding(candidate).length;
    if (failures > 0 && (nearest === null || failures < nearest.failures)) nearest = { candidate, failures };
  }
  return nearest?.candidate ?? null;
}

const rounded = (score: number): string => String(Math.round(score * 100) / 100);
