// Why an application runs where it runs, in sentences, read from the placement that decided it.
import type { Candidate, Opinion, Placement } from '../placement/placement.ts';
import type { Application } from './application.ts';

export function explainApplication(application: Application): string[] {
  const { name, home, clusters, request } = application;
  return [
    `${name} is kept in the API of ${home}; its pods may run at ${clusters.join(', ')} and nowhere else.`,
    `Asked were ${request.replicas} ${request.replicas === 1 ? 'replica' : 'replicas'} of at most ${request.each.cpuMillis} thousandths of a CPU and ${Math.ceil(request.each.memoryBytes / 2 ** 20)} MiB${
      request.criteria.length > 0 ? `, where ${request.criteria.map(({ fact, operator, values }) => `${fact}${operator}${values.join(',')}`).join(' and ')}` : ''
    }.`,
    ...explainPlacement(application.placement),
  ];
}

/** The chosen first, then everyone who was not, each with the reasons that the decision kept. */
export function explainPlacement({ chosen, candidates }: Placement): string[] {
  const wanted = new Map((chosen ?? []).map(({ cluster, replicas }) => [cluster, replicas]));
  const byName = [...candidates].sort((one, other) => (one.cluster < other.cluster ? -1 : 1));
  return [
    ...byName.filter(({ cluster }) => wanted.has(cluster)).map((candidate) => `${candidate.cluster} takes ${count(wanted.get(candidate.cluster) ?? 0)}: ${reasons(candidate)}`),
    ...byName.filter(({ cluster }) => !wanted.has(cluster)).map((candidate) => `${candidate.cluster} takes none: ${reasons(candidate)}`),
  ];
}

/** Why each cluster that cannot take it cannot. */
export const refusals = ({ candidates }: Placement): string[] => candidates.map((candidate) => `${candidate.cluster}: ${reasons(candidate)}`).sort();

const count = (replicas: number): string => `${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`;

function reasons({ opinions, total }: Candidate): string {
  const against = opinions.filter(({ verdict }) => verdict === 'excluded');
  if (against.length > 0) return `${against.map(opinionText).join('; ')}.`;
  const scored = opinions.filter(({ verdict }) => verdict === 'scored').map(opinionText);
  const score = total === null ? 'it satisfies every criterion' : `it satisfies every criterion (${total.toFixed(3)})`;
  return scored.length > 0 ? `${score}; ${scored.join('; ')}.` : `${score}.`;
}

const opinionText = ({ criterion, asked, found, source }: Opinion): string => `${criterion}: asked ${asked}, found ${found} (${source})`;
