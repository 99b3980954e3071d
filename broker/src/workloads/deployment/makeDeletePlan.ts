// Taking an application away, in the order in which nothing is left behind and nothing is lost unasked.
import type { Plan, Side, Step } from '../../operations/index.ts';
import type { Application } from '../application.ts';
import { step, versionOf } from './makePlan.ts';
import { inputOf } from './stepInput.ts';

export type DeletePlan = {
  readonly application: Application;
  /** Claims in its namespace that hold data, with size and place; they are deleted too. */
  readonly claims: readonly string[];
  /** Objects in its namespace that are not Hanse's and go with it. */
  readonly foreign: readonly string[];
};

export function makeDeletePlan({ application, claims, foreign }: DeletePlan): Plan {
  return {
    kind: 'delete',
    subject: application.name,
    title: `Delete ${application.name} from ${application.clusters.join(', ')}`,
    steps: deleteSteps(application, claims),
    pointOfNoReturn: 1,
    madeFrom: { application: versionOf(application), made: null, remote: null, home: application.home },
    notes: [
      { topic: 'undo', text: 'From the second step on there is no way back: what was deleted is deployed again with hanse deploy.' },
      ...claims.map((claim) => ({ topic: 'data', text: `The data of ${claim} is lost.` })),
      ...foreign.map((object) => ({ topic: 'foreign', text: `${object} is not Hanse's and is deleted with the namespace.` })),
    ],
  };
}

function deleteSteps(application: Application, claims: readonly string[]): Step[] {
  const { name, home, clusters } = application;
  const side: Side = { role: 'consumer', cluster: home };
  const broker: Side = { role: 'broker' };
  const irreversible = (why: string) => ({ kind: 'irreversible', why }) as const;
  const gone = { side, input: { namespace: name }, destructive: true, timeoutSeconds: 300 };
  return [
    step('delete-begin', `Write down that ${name} is being deleted`, {
      side: broker,
      input: { application: inputOf(application) },
      undo: { kind: 'undo', title: 'Write down that it is running' },
    }),
    step('delete-workloads', `Delete every object of ${name} and wait until its pods are gone from ${clusters.join(', ')}`, {
      ...gone,
      undo: irreversible('The pods end.'),
    }),
    ...(claims.length > 0
      ? [step('delete-claims', `Delete the volume claims with their data: ${claims.join(', ')}`, { ...gone, undo: irreversible('The data is lost.') })]
      : []),
    step('delete-offloading', `Take the namespace ${name} back from ${clusters.filter((cluster) => cluster !== home).join(', ') || 'no provider'}`, {
      ...gone,
      undo: irreversible('The namespaces at the providers are gone.'),
    }),
    step('delete-namespace', `Delete the namespace ${name} at ${home}`, { ...gone, undo: irreversible('The namespace is gone.') }),
    step('delete-prove', `Prove that nothing of ${name} is left`, { side, input: { namespace: name }, undo: { kind: 'nothing' } }),
    step('delete-end', `Forget ${name} and its sealed Secrets`, { side: broker, input: {}, undo: irreversible('The record is gone.') }),
  ];
}
