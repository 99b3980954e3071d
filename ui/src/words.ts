// Numbers, times and names as people read them: units always, local time with the zone on hover.
import type { Cluster, Fact, Offer, Operation, OperationState, Opinion } from '../../contract/src/index.ts';

export const cpu = (millis: number): string => `${trimmed(millis / 1000)} CPU`;
export const bytes = (count: number): string => (count >= 2 ** 40 ? `${trimmed(count / 2 ** 40)} TiB` : `${trimmed(count / 2 ** 30)} GiB`);
const trimmed = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : String(Math.round(value * 10) / 10));

export const counted = (count: number, one: string, many = `${one}s`): string => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** a, b and c */
export const listed = (words: readonly string[]): string => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`);

export const clock = (at: string): string => new Date(at).toLocaleTimeString('en-GB');
export const zoned = (at: string): string => new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
export const monthOf = (at: string): string => new Date(at).toLocaleDateString('en-GB', { month: 'short', year: '2-digit' });

export const duration = (ms: number): string => {
  if (ms <= 0) return '0 s';
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
};

const dayMs = 86_400_000;
/** Said in amber before it happens; null while it is far away or never comes. */
export const expiry = (until: string | null, nowMs: number): string | null => {
  if (until === null) return null;
  const days = Math.floor((Date.parse(until) - nowMs) / dayMs);
  if (days < 0) return 'expired';
  return days > 30 ? null : days === 0 ? 'expires today' : `expires in ${counted(days, 'day')}`;
};

const distributions: Readonly<Record<string, string>> = {
  k3s: 'K3s',
  rke2: 'RKE2',
  openshift: 'OpenShift',
  kubernetes: 'Kubernetes',
  kubeadm: 'kubeadm',
  eks: 'EKS',
  gke: 'GKE',
  aks: 'AKS',
};
const managers: Readonly<Record<string, string>> = { rancher: 'Rancher', opennebula: 'OpenNebula', openshift: 'OpenShift', none: '' };

export const platformName = ({ platform: { distribution, manager, platform } }: Cluster): string => {
  const base = distributions[distribution] ?? distribution;
  if (platform === 'opennebula') return 'OpenNebula';
  const above = managers[manager] ?? manager;
  return above === '' || above === base ? base : `${above} ${base}`;
};

const factNames: Readonly<Record<string, string>> = {
  'seat.country': 'seat',
  'registration.country': 'registered',
  'cpu.cores': 'CPU',
  'memory.gib': 'memory',
  'gpu.count': 'GPU',
  'gpu.model': 'GPU model',
  arch: 'architecture',
  'kubernetes.version': 'Kubernetes',
  'liqo.version': 'Liqo',
  'latency.ms': 'latency',
  'energy.renewable': 'renewable',
  'energy.pue': 'PUE',
  iso27001: 'ISO 27001',
  c5: 'C5',
  gdpr: 'GDPR',
  'gdpr.coc': 'GDPR code',
  'gdpr.art42': 'GDPR Art. 42',
  nis2: 'NIS2',
  secnumcloud: 'SecNumCloud',
};
export const factName = (name: string): string => factNames[name] ?? name;

export const factValue = ({ name, value, unit }: Pick<Fact, 'name' | 'value' | 'unit'>): string => {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (name === 'label') return `Gaia-X ${value}`;
  if (name === 'price') return `€ ${value} / CPU h`;
  return plain(unit === undefined ? String(value) : `${value} ${unit}`);
};

/** What it is about: the most telling of its types, in words. */
export const typeName = (types: readonly string[]): string => {
  const own = types.map((type) => type.replace(/^.*[:#/]/, '')).filter((type) => !/^(VerifiableCredential|VerifiablePresentation)$/.test(type));
  // who offers a cluster may describe its data centre and itself in the same credential
  if (own.includes('FederableCluster')) return 'cluster';
  const best = own.find((type) => type.endsWith('Credential')) ?? own.at(-1) ?? 'Credential';
  return (
    best
      .replace(/Credential$/, '')
      .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
      .toLowerCase() || 'credential'
  );
};

/** Of a credential, or what it came to be. */
export const stateTone = (state: string): string =>
  state === 'active' ? 'green' : ['expiring', 'unverifiable', 'suspended', 'deprecated', 'gone'].includes(state) ? 'amber' : 'red';

/** Of others: what would steer the text beside it, or cannot be seen, stands as a sign of its own. */
export const plain = (text: string): string =>
  text.replaceAll(/[\t\n\r]+/g, ' ').replaceAll(/[\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/gu, '\ufffd');
export const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…` : text);

const nameMost = 80;
/** Our name of it, what its provider calls it, or at least its id. */
export const offerName = ({ cluster, offering: { name, id } }: Pick<Offer, 'cluster' | 'offering'>): string => cluster ?? shownName(name, id);
export const shownName = (name: string, id: string): string => cut(plain(name).trim() || plain(id), nameMost);

/** did:web:notary.example → notary.example */
export const issuerName = (issuer: string): string =>
  plain(issuer)
    .replace(/^did:web:/, '')
    .replaceAll(':', '/')
    .replaceAll(/%3A/gi, ':');

/** 240 probes since 08:05 */
export const probesText = ({ probes, since }: NonNullable<Fact['measurement']>): string => `${probes} probes since ${zoned(since)}`;

/** Where there is little room: the first word of its host, or the last of its path where the host is a bare address. */
export const shortIssuerName = (issuer: string): string => {
  const [host = '', ...path] = issuerName(issuer).split('/');
  return /^[\d.]+(:|$)/.test(host) ? (path.at(-1) ?? host) : (host.split('.')[0] ?? '');
};

export const stateWords: Readonly<Record<OperationState, string>> = {
  planned: 'planned, waits for approval',
  running: 'running',
  waiting: 'waiting',
  asking: 'asks you',
  rollingBack: 'rolling back',
  done: 'done',
  rolledBack: 'rolled back',
  failed: 'failed',
  discarded: 'discarded',
};

/** One word for how it stands. */
export const stateWord = ({ state, pause }: Pick<Operation, 'state' | 'pause'>): string =>
  pause === null ? stateWords[state] : pause === 'paused' ? 'paused' : 'pausing';

export const going: readonly OperationState[] = ['running', 'waiting', 'asking', 'rollingBack'];

/** ≥ for people who write >=. */
export const criterionParts = (text: string): { readonly fact: string; readonly rest: string; readonly at: string } => {
  const [, fact = text, operator = '', value = '', at = ''] = /^([\w.]+(?:\([^()]*\))?)\s*(>=|<=|!=|=|>|<)\s*([^@]*)(@.*)?$/.exec(text) ?? [];
  const shown = { '>=': '≥ ', '<=': '≤ ', '!=': '≠ ', '=': '', '>': '> ', '<': '< ' }[operator] ?? '';
  return { fact, rest: `${shown}${value.trim()}`, at: at.trim() };
};

/** label>=L1@certified → label ≥ L1 @certified */
export const spokenCriterion = (criterion: string): string => {
  const { fact, rest, at } = criterionParts(criterion);
  return [factName(fact), rest, at].filter((part) => part !== '').join(' ');
};

/** "ask label>=SC instead of label>=L1" → label ≥ SC; "leave label>=L1 away" → without label ≥ L1 */
export const shortChange = (relaxation: string): string =>
  relaxation
    .split(' and ')
    .map((one) => {
      const asked = /^ask (.+) instead of /.exec(one)?.[1];
      if (asked !== undefined) return spokenCriterion(asked);
      const left = /^leave (.+) away$/.exec(one)?.[1];
      return left === undefined ? one : `without ${spokenCriterion(left)}`;
    })
    .join(' and ');

/** It would match …: with label ≥ SC; without label ≥ L1 */
export const matchingChange = (relaxation: string): string => shortChange(relaxation).replace(/^(?!without )/, 'with ');

/** country: US (declared), asked EU */
export const againstText = ({ criterion, asked, found }: Pick<Opinion, 'criterion' | 'asked' | 'found'>): string => {
  const { fact, rest, at } = criterionParts(asked === '' ? criterion : asked);
  const wanted = [rest, at].filter((part) => part !== '').join(' ');
  return `${factName(fact)}: ${found === 'unknown' ? 'nobody stated it' : plain(found)}${wanted === '' ? '' : `, asked ${wanted}`}`;
};
