// What a description needs, each with where it comes from: read from the cluster where that is possible, asked of a person where it is not.
import type { Fault } from '../errors.ts';
import type { Survey } from '../clusters/index.ts';
import { baseOf } from './site.ts';

export type Question = {
  /** As in `--set NAME=VALUE` and in a file of answers. */
  readonly name: string;
  readonly about: string;
  readonly example: string;
  /** What is said when the answer does not have this form. */
  readonly form: RegExp;
  readonly isNeeded: boolean | ((answers: Answers) => boolean);
  /** What the cluster says itself; null: it does not. */
  readonly read?: (survey: Survey) => string | null;
};

/** By name; values are texts, lists are joined by commas. */
export type Answers = Readonly<Record<string, string>>;

const line = /^[^\p{C}]{1,200}$/u;
const list = /^[^\p{C},]{1,100}(,[^\p{C},]{1,100}){0,49}$/u;
const count = /^\d{1,9}$/;
const decimal = /^\d{1,9}(\.\d{1,9})?$/;
const country = /^[A-Z]{2}$/;
const version = /^v?\d{1,5}(\.\d{1,5}){1,2}([+-][A-Za-z0-9.+-]{1,40})?$/;
const address = /^https:\/\/[^\s<>"{}|\\^`]{1,2000}$/;
const perNode =
  (read: (nodes: NonNullable<Survey['nodes']>) => string) =>
  ({ nodes }: Survey) =>
    nodes === null ? null : read(nodes);
const joined = (values: readonly string[] | null | undefined): string | null => (values == null || values.length === 0 ? null : values.join(','));

export const registrationKinds = ['vat-id', 'lei-code', 'eori', 'tax-id', 'euid', 'country-company-number'] as const;
export type RegistrationKind = (typeof registrationKinds)[number];
const registration = new RegExp(`^(${registrationKinds.join('|')}):[A-Za-z0-9 ._/-]{2,60}$`);

const has = (name: string) => (answers: Answers) => answers[name] !== undefined;

/** In the order in which they are asked. */
export const questions: readonly Question[] = [
  { name: 'did', about: 'your DID (did:web): where did.json will lie', example: 'did:web:csp.example:gaia-x', form: /^did:web:[^\s]{3,500}$/, isNeeded: true },
  { name: 'participant.name', about: 'name of your company, as registered', example: 'Example Cloud GmbH', form: line, isNeeded: true },
  { name: 'participant.country', about: 'country of its legal address (ISO 3166-1)', example: 'DE', form: country, isNeeded: true },
  { name: 'participant.headquarters', about: 'country of its headquarters', example: 'DE', form: country, isNeeded: true },
  {
    name: 'registration',
    about: `registration number, as KIND:NUMBER (${registrationKinds.join(', ')})`,
    example: 'vat-id:DE000000000',
    form: registration,
    isNeeded: true,
  },
  { name: 'gaia-x.terms', about: 'whether you accept the terms and conditions of Gaia-X (yes)', example: 'yes', form: /^yes$/, isNeeded: true },
  { name: 'service.name', about: 'name of the offering', example: 'Kubernetes Frankfurt', form: line, isNeeded: true },
  { name: 'service.terms', about: 'address of its terms and conditions', example: 'https://csp.example/terms.pdf', form: address, isNeeded: true },
  { name: 'service.termsHash', about: 'SHA-256 of that document: sha256sum prints it', example: 'e3b0c442…', form: /^[0-9a-f]{64}$/, isNeeded: true },
  {
    name: 'datacenter.name',
    about: 'name of the data centre',
    example: 'FRA1',
    form: line,
    isNeeded: true,
    read: perNode(({ zones }) => (zones.length === 1 ? (zones[0] ?? '') : '')),
  },
  { name: 'datacenter.country', about: 'country in which it stands (ISO 3166-1)', example: 'DE', form: country, isNeeded: true },
  { name: 'datacenter.region', about: 'its NUTS-2 region', example: 'DE71', form: /^[A-Z]{2}[A-Z0-9]{2}$/, isNeeded: false },
  { name: 'datacenter.city', about: 'its city', example: 'Frankfurt', form: line, isNeeded: false },
  {
    name: 'datacenter.position',
    about: 'its latitude and longitude, in decimal degrees',
    example: '50.11,8.68',
    form: /^-?([0-8]?\d|90)(\.\d{1,6})?,-?(1[0-7]\d|180|\d{1,2})(\.\d{1,6})?$/,
    isNeeded: false,
  },
  { name: 'energy.pue', about: 'power usage effectiveness', example: '1.25', form: decimal, isNeeded: false },
  { name: 'energy.wue', about: 'water usage effectiveness, litres per kWh', example: '0.3', form: decimal, isNeeded: false },
  { name: 'energy.renewable', about: 'share of renewable energy, %', example: '80', form: decimal, isNeeded: false },
  {
    name: 'energy.carbonFree',
    about: 'share of energy that is free of carbon in each hour, %',
    example: '75',
    form: decimal,
    isNeeded: has('energy.renewable'),
  },
  { name: 'energy.date', about: 'day for which both shares hold', example: '2026-06-30', form: /^\d{4}-\d{2}-\d{2}$/, isNeeded: has('energy.renewable') },
  { name: 'price', about: 'EUR for one virtual CPU for one hour, without tax', example: '0.02', form: decimal, isNeeded: false },
  {
    name: 'regime',
    about: 'data protection regimes that you work under',
    example: 'GDPR2016',
    form: /^(GDPR2016|LGPD2019|PDPA2012|CCPA2018|VCDPA2021)(,(GDPR2016|LGPD2019|PDPA2012|CCPA2018|VCDPA2021))*$/,
    isNeeded: false,
  },
  { name: 'provision', about: 'public, private or hybrid', example: 'public', form: /^(public|private|hybrid)$/, isNeeded: false },
  {
    name: 'tenancy',
    about: 'how tenants are kept apart',
    example: 'os-virtualized',
    form: /^(hw-virtualized|sw-virtualized|os-virtualized|os-hw-virtualized|hw-partitioned|physical)$/,
    isNeeded: false,
  },
  { name: 'confidential', about: 'whether it computes confidentially', example: 'no', form: /^(yes|no)$/, isNeeded: false },
  {
    name: 'cpu.cores',
    about: 'virtual CPUs on offer',
    example: '64',
    form: count,
    isNeeded: true,
    read: perNode(({ allocatable }) => String(Math.floor(allocatable.cpuMillis / 1000))),
  },
  {
    name: 'memory.gib',
    about: 'memory on offer, GiB',
    example: '256',
    form: count,
    isNeeded: true,
    read: perNode(({ allocatable }) => String(Math.floor(allocatable.memoryBytes / 2 ** 30))),
  },
  { name: 'pods', about: 'pods on offer', example: '220', form: count, isNeeded: true, read: perNode(({ allocatable }) => String(allocatable.pods)) },
  { name: 'nodes', about: 'how many nodes stand behind it', example: '2', form: count, isNeeded: false, read: perNode(({ count: nodes }) => String(nodes)) },
  {
    name: 'arch',
    about: 'CPU architectures, as Kubernetes names them',
    example: 'amd64',
    form: list,
    isNeeded: true,
    read: perNode(({ architectures }) => architectures.join(',')),
  },
  { name: 'gpu.count', about: 'GPUs on offer', example: '0', form: count, isNeeded: true, read: perNode(({ allocatable }) => String(allocatable.gpus)) },
  {
    name: 'gpu.model',
    about: 'their models',
    example: 'NVIDIA-H100-80GB-HBM3',
    form: list,
    isNeeded: false,
    read: perNode(({ gpuModels }) => gpuModels.join(',')),
  },
  { name: 'zones', about: 'availability zones', example: 'fra1-a,fra1-b', form: list, isNeeded: false, read: perNode(({ zones }) => zones.join(',')) },
  {
    name: 'kubernetes.version',
    about: 'version of Kubernetes',
    example: '1.35.4',
    form: version,
    isNeeded: true,
    read: ({ kubernetesVersion }) => kubernetesVersion,
  },
  { name: 'distribution', about: 'distribution of Kubernetes', example: 'rke2', form: line, isNeeded: false, read: ({ distribution }) => distribution },
  { name: 'liqo.version', about: 'version of Liqo', example: '1.2.0', form: version, isNeeded: true, read: ({ liqoVersion }) => liqoVersion },
  {
    name: 'liqo.id',
    about: 'cluster id of Liqo there',
    example: 'fra1',
    form: /^[a-z0-9]([-a-z0-9]{0,46}[a-z0-9])?$/,
    isNeeded: true,
    read: ({ liqoClusterId }) => liqoClusterId,
  },
  {
    name: 'storage',
    about: 'storage classes',
    example: 'ceph-rbd',
    form: list,
    isNeeded: false,
    read: ({ storageClasses }) => joined(storageClasses?.map(({ name }) => name)),
  },
  { name: 'cni', about: 'network plug-in', example: 'cilium', form: line, isNeeded: false, read: ({ cni }) => cni },
  { name: 'ranges.pods', about: 'address ranges of pods', example: '10.42.0.0/16', form: list, isNeeded: false, read: ({ podCidrs }) => joined(podCidrs) },
  {
    name: 'ranges.services',
    about: 'address ranges of services',
    example: '10.43.0.0/16',
    form: list,
    isNeeded: false,
    read: ({ serviceCidrs }) => joined(serviceCidrs),
  },
];

export type Asked = {
  /** What was given, and what the cluster says for what was not. */
  readonly answers: Answers;
  /** Needed, and neither given nor read. */
  readonly missing: readonly Question[];
  readonly faults: readonly Fault[];
};

/** What is given goes before what was read: a provider may offer less than it has. An empty answer takes back what was read. */
export function ask(survey: Survey, given: Answers): Asked {
  const strangers = Object.keys(given).filter((name) => !questions.some((each) => each.name === name));
  const answers: Record<string, string> = {};
  const faults: Fault[] = strangers.map((name) => ({
    message: `there is no answer ${JSON.stringify(name.slice(0, 60))}`,
    fix: `The answers are ${questions.map((each) => each.name).join(', ')}.`,
  }));
  for (const { name, form, example, read } of questions) {
    const answer = (given[name] ?? read?.(survey) ?? '').trim();
    if (answer === '') continue;
    const fault = form.test(answer) ? flawOf(name, answer) : `${name} does not have the form of an answer`;
    if (fault === null) answers[name] = answer;
    // what was read and does not fit is asked for; what a person gave is told
    else if (given[name] !== undefined) faults.push({ message: fault, fix: `For example ${name}=${example}` });
  }
  const missing = questions.filter(
    ({ name, isNeeded }) =>
      answers[name] === undefined &&
      (typeof isNeeded === 'boolean' ? isNeeded : isNeeded(answers)) &&
      !faults.some(({ message }) => message.startsWith(`${name} `)),
  );
  return { answers, missing, faults };
}

const flawOf = (name: string, answer: string): string | null =>
  name === 'did' && baseOf(answer) === null ? 'did is not a did:web whose document could be found' : null;
