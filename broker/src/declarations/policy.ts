// A Policy: stored as it is declared.
import type { PolicyDocument } from '../../../contract/src/index.ts';
import { parsePolicy, type Policy, printCriterion, printPreference } from '../placement/index.ts';
import { type Translated, stages } from './act.ts';
import { differences } from './differences.ts';
import type { DeclaredPolicy } from './document.ts';
import type { State } from './state.ts';

export function translatePolicy({ name, file, line, text }: DeclaredPolicy, { policies }: State): Translated {
  const wanted = policyOf(parsePolicy(text, file));
  const now = policies.find((policy) => policy.name === name);
  const found = differences(now === undefined ? {} : policyOf(now).spec, wanted.spec, 'spec');
  return {
    kind: 'Policy',
    name,
    place: { file, line },
    differences: found,
    acts: found.length === 0 ? [] : [{ kind: 'store', stage: stages.store, text: JSON.stringify(wanted) }],
    notes: [],
  };
}

/** As a document; read again it is the same policy. */
export const policyOf = ({ name, criteria, preferences, providersMin, allowKinds, exclude, react }: Policy): PolicyDocument => ({
  apiVersion: 'hanse.dev/v1',
  kind: 'Policy',
  metadata: { name },
  spec: {
    required: criteria.map(printCriterion),
    preferred: preferences.map(printPreference),
    spread: { providersMin },
    allowKinds: [...allowKinds],
    exclude: [...exclude],
    ...(react === undefined ? {} : { react }),
  },
});
