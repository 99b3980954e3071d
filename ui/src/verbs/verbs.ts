// The verbs of the page: what each asks, and the words on its buttons.
import { z } from 'zod';
import type { Plan } from '../../../contract/src/index.ts';
import type { Everything } from '../useKnown.ts';

export type Field =
  | { readonly kind: 'text' | 'secret' | 'long'; readonly name: string; readonly title: string; readonly hint?: string; readonly isRequired?: boolean }
  | { readonly kind: 'manifests'; readonly name: string; readonly title: string }
  | {
      readonly kind: 'one' | 'some';
      readonly name: string;
      readonly title: string;
      readonly options: readonly string[];
      readonly isRequired?: boolean;
      readonly none?: string;
    }
  | { readonly kind: 'yes'; readonly name: string; readonly title: string };

/** Values of a form: text, chosen names, or a tick. */
export type Values = Readonly<Record<string, string | readonly string[] | boolean>>;

export type PageVerb = {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly command: string;
  fields(known: Everything): readonly Field[];
  request(values: Values, known: Everything): unknown;
};

const text = (value: Values[string] | undefined): string => (typeof value === 'string' ? value.trim() : '');
const some = (value: Values[string] | undefined): readonly string[] =>
  typeof value === 'string' ? (value === '' ? [] : [value]) : typeof value === 'boolean' || value === undefined ? [] : value;

/** Nothing when nothing was typed; what is no number goes as it was typed, and the broker says what is wrong. */
const amountOf = (values: Values, name: string): Readonly<Record<string, number | string>> => {
  const typed = text(values[name]);
  return typed === '' ? {} : { [name]: Number.isFinite(Number(typed)) ? Number(typed) : typed };
};

const joined = ({ peerings }: Everything): string[] => peerings.map(({ provider }) => provider);

export const verbs: readonly PageVerb[] = [
  {
    name: 'federate',
    title: 'Federate',
    about: 'The clusters of providers become nodes of yours.',
    command: 'hanse federate NAME…',
    fields: ({ members, clusters, peerings }) => {
      const open = clusters.filter(({ side, name }) => side === 'provider' && !peerings.some(({ provider, state }) => provider === name && state === 'ready'));
      const fits = (name: string): boolean => members.find(({ id }) => id === name)?.offer?.matches !== false;
      const options = open.map(({ name }) => name).toSorted((a, b) => Number(fits(b)) - Number(fits(a)) || (a < b ? -1 : 1));
      return [
        {
          kind: 'some',
          name: 'provider',
          title: 'With whom',
          options,
          isRequired: true,
          none: 'Every provider that was added is federated already. Add one: hanse cluster add NAME --kubeconfig FILE --side provider',
        },
      ];
    },
    request: (values) => ({ providers: some(values['provider']) }),
  },
  {
    name: 'deploy',
    title: 'Deploy',
    about: 'Kubernetes manifests, over the providers that fit the criteria above.',
    command: 'hanse deploy NAME -f FILE',
    fields: (known) => [
      { kind: 'text', name: 'name', title: 'Name of the application', hint: 'shop', isRequired: true },
      { kind: 'manifests', name: 'manifests', title: 'Manifests (YAML or JSON)' },
      { kind: 'some', name: 'clusters', title: 'Only at these; none ticked: wherever the criteria fit', options: joined(known) },
    ],
    request: (values, { where, prefer }) => ({
      name: text(values['name']),
      manifests: [{ file: 'pasted.yaml', text: text(values['manifests']) }],
      where,
      prefer,
      ...(some(values['clusters']).length > 0 && { clusters: some(values['clusters']) }),
    }),
  },
  {
    name: 'migrate',
    title: 'Move',
    about: 'An application goes from one provider to another without losing a request.',
    command: 'hanse migrate NAME --from CLUSTER --to CLUSTER',
    fields: (known) => [
      {
        kind: 'one',
        name: 'application',
        title: 'Which application',
        options: known.applications.map(({ name }) => name),
        isRequired: true,
        none: 'No application was deployed yet.',
      },
      { kind: 'one', name: 'from', title: 'From', options: [...new Set(known.applications.flatMap(({ clusters }) => clusters))], isRequired: true },
      { kind: 'one', name: 'to', title: 'To', options: ['best', ...joined(known)], isRequired: true },
      { kind: 'text', name: 'connectionAgeSeconds', title: 'Seconds for which clients keep a connection at most', hint: '10' },
      { kind: 'text', name: 'soakSeconds', title: 'Seconds to watch it at its new place', hint: '10' },
    ],
    request: (values) => ({
      application: text(values['application']),
      from: text(values['from']),
      to: text(values['to']) || 'best',
      ...amountOf(values, 'connectionAgeSeconds'),
      ...amountOf(values, 'soakSeconds'),
    }),
  },
  {
    name: 'evacuate',
    title: 'Evacuate',
    about: 'Everything of yours moves away from a provider, one application after the other.',
    command: 'hanse evacuate PROVIDER',
    fields: (known) => [{ kind: 'one', name: 'provider', title: 'Which provider', options: joined(known), isRequired: true, none: 'Nobody is federated.' }],
    request: (values) => ({ provider: text(values['provider']) }),
  },
  {
    name: 'leave',
    title: 'Leave',
    about: 'The federation with a provider ends, and it is proved that nothing is left there.',
    command: 'hanse leave PROVIDER',
    fields: (known) => [
      { kind: 'one', name: 'provider', title: 'Which provider', options: joined(known), isRequired: true, none: 'Nobody is federated.' },
      { kind: 'yes', name: 'evacuate', title: 'Move away first what runs there' },
    ],
    request: (values) => ({ provider: text(values['provider']), evacuate: values['evacuate'] === true || values['evacuate'] === 'true' }),
  },
  {
    name: 'delete',
    title: 'Delete',
    about: 'An application ends, and it is proved that nothing of it is left.',
    command: 'hanse delete NAME',
    fields: (known) => [
      {
        kind: 'one',
        name: 'name',
        title: 'Which application',
        options: known.applications.map(({ name }) => name),
        isRequired: true,
        none: 'No application was deployed yet.',
      },
      { kind: 'yes', name: 'data', title: 'Its volume claims too: what is in them is lost' },
    ],
    request: (values) => ({ name: text(values['name']), data: values['data'] === true }),
  },
];

/** The verb on the button says what will happen. */
export const approvalOf = ({ kind, subject, title }: Pick<Plan, 'kind' | 'subject' | 'title'>): string => {
  const names = subject.split(', ');
  const listed = names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}` : subject;
  const words: Readonly<Record<string, string>> = {
    federate: `Federate with ${listed}`,
    leave: `Leave ${listed}`,
    deploy: `Deploy ${listed}`,
    evacuate: `Evacuate ${listed}`,
    delete: `Delete ${listed}`,
    resize: `Resize ${listed}`,
  };
  return words[kind] ?? title;
};

export const valuesFrom = (query: URLSearchParams): Values => {
  const names = new Set([...query.keys()].filter((name) => !['do', 'plan', 'where', 'prefer'].includes(name)));
  return z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .parse(Object.fromEntries([...names].map((name) => (query.getAll(name).length > 1 ? [name, query.getAll(name)] : [name, query.get(name) ?? '']))));
};
