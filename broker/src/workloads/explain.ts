// Why an application runs where it runs, in sentences.
import { explain, printCriterion } from '../placement/index.ts';
import type { Application } from './application.ts';

export function explainApplication({ name, home, clusters, request, placement }: Application): string[] {
  const { replicas, each, criteria } = request;
  const size = `${each.cpuMillis / 1000} CPU and ${Math.ceil(each.memoryBytes / 2 ** 20)} MiB`;
  const where = criteria.length > 0 ? `, where ${criteria.map(printCriterion).join(' and ')}` : '';
  return [
    `${name} is kept in the API of ${home}; its pods may run at ${clusters.join(', ')} and nowhere else.`,
    `Asked was room for ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} of at most ${size}${where}.`,
    ...explain(placement),
  ];
}
