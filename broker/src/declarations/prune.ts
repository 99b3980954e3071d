// What no document names, when that is asked for: only of the kinds that are given, and no policy that an application names.
import { type Act, stages, type Translated, verbAct } from './act.ts';
import type { Declared } from './document.ts';
import type { State } from './state.ts';

export function pruned(declared: readonly Declared[], { applications, policies }: State): Translated[] {
  const isGiven = (kind: Declared['kind']): boolean => declared.some((one) => one.kind === kind);
  const isNamed = (kind: Declared['kind'], name: string): boolean => declared.some((one) => one.kind === kind && one.name === name);
  const isUsed = (policy: string): boolean => declared.some((one) => one.kind === 'Application' && one.document.spec.policy === policy);
  const gone = (kind: Declared['kind'], name: string, act: Act): Translated => ({
    kind,
    name,
    place: null,
    differences: [{ path: '', now: name }],
    acts: [act],
    notes: [],
  });
  return [
    ...(isGiven('Application') ? applications : [])
      .filter(({ name }) => !isNamed('Application', name))
      .map(({ name }) => gone('Application', name, verbAct('delete', stages.delete, { name }))),
    ...(isGiven('Policy') ? policies : [])
      .filter(({ name }) => !isNamed('Policy', name) && !isUsed(name))
      .map(({ name }) => gone('Policy', name, { kind: 'forget', stage: stages.forget })),
  ];
}
