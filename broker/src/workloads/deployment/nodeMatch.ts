// Whether a pod may run on a node, by nodeSelector and required node affinity, as kube-scheduler decides it.
import type { NodeExpression, NodeSelectorTerm, PodSpec } from './podTemplate.ts';

export type NodeFacts = { readonly name: string; readonly labels: Readonly<Record<string, string>> };

type Constraints = Pick<PodSpec, 'nodeSelector' | 'affinity'>;

export function mayRunOn(spec: Constraints, node: NodeFacts): boolean {
  return whyNotOn(spec, node) === undefined;
}

/** undefined: it may run there. Otherwise what the pod asks for and the node has. */
export function whyNotOn(spec: Constraints, node: NodeFacts): string | undefined {
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {})) {
    if (node.labels[key] !== value) return `nodeSelector asks ${key}=${value}, its node has ${labelText(node, key)}`;
  }
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required || required.nodeSelectorTerms.some((term) => matches(term, node))) return undefined;
  const asked = required.nodeSelectorTerms
    .map((term) => term.matchExpressions.concat(term.matchFields).map(expressionText).join(' and ') || 'nothing')
    .join(', or ');
  const found = required.nodeSelectorTerms.flatMap((term) => term.matchExpressions.map(({ key }) => labelText(node, key)));
  return `node affinity asks ${asked}; its node has ${[...new Set(found)].join(', ') || `the name ${node.name}`}`;
}

const labelText = (node: NodeFacts, key: string): string => (node.labels[key] === undefined ? `no ${key}` : `${key}=${node.labels[key]}`);
const expressionText = ({ key, operator, values }: NodeExpression): string => `${key} ${operator}${values.length > 0 ? ` ${values.join('|')}` : ''}`;

function matches({ matchExpressions, matchFields }: NodeSelectorTerm, node: NodeFacts): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchExpressions.every((expression) => holds(expression, node.labels[expression.key])) &&
    matchFields.every((expression) => expression.key === 'metadata.name' && holds(expression, node.name))
  );
}

function holds({ operator, values }: NodeExpression, found: string | undefined): boolean {
  if (operator === 'Exists') return found !== undefined;
  if (operator === 'DoesNotExist') return found === undefined;
  if (operator === 'In') return found !== undefined && values.includes(found);
  if (operator === 'NotIn') return found === undefined || !values.includes(found);
  const [asked] = values;
  if (found === undefined || asked === undefined || !/^-?\d+$/.test(found) || !/^-?\d+$/.test(asked)) return false;
  return operator === 'Gt' ? Number(found) > Number(asked) : Number(found) < Number(asked);
}
