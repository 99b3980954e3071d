// A kubeconfig is what a stranger wrote: read, judged by rules that each say why, and turned into our own small record. The text itself is never used again.
import type { Fault } from '../errors.ts';
import type { Allowed } from './address.ts';
import { type Path, type Read, readDocument } from './kubeconfigDocument.ts';
import { expiryOfToken, keyBelongsTo, readCertificates, textOfBase64 } from './pure-crypto.ts';
import { readServer } from './serverAddress.ts';

export type Access = {
  readonly context: string;
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  readonly tlsServerName: string | null;
  readonly credential: { readonly kind: 'token'; readonly token: string } | { readonly kind: 'certificate'; readonly cert: string; readonly key: string };
  /** RFC 3339; null: it says of itself that it does not end, or nothing. */
  readonly expiresAt: string | null;
};

export type KubeconfigOutcome = { readonly kind: 'accepted'; readonly access: Access } | { readonly kind: 'rejected'; readonly faults: readonly Fault[] };

export type KubeconfigRules = {
  readonly allowed: Allowed;
  /** Milliseconds since 1970. */ readonly now: number;
  /** Absent: current-context. */ readonly context?: string;
};

type Fields = Readonly<Record<string, unknown>>;
type Report = (path: Path, message: string, fix: string) => null;

// Adding a cluster takes seconds; a credential that ends while it runs would leave it half done.
const lifeLeastMs = 10 * 60 * 1000;
const flatten = 'kubectl config view --minify --flatten writes a kubeconfig with embedded certificates.';
const serviceAccount = 'Make a ServiceAccount with the rights to set up Hanse, and give a kubeconfig with its token (kubectl create token).';

const fieldsOf = (value: unknown): Fields | null => (typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null);
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const shown = (name: string): string => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);

const refusedOfCluster: Readonly<Record<string, readonly [string, string]>> = {
  'certificate-authority': ['it names a file: the broker would read its own disk and trust what is there', flatten],
  'proxy-url': ['everything would pass a proxy that somebody else chose', 'Remove it: the broker connects directly.'],
};
const refusedOfUser: Readonly<Record<string, readonly [string, string]>> = {
  exec: ['it is a command that the broker would run, with its own rights and environment', serviceAccount],
  'auth-provider': ['it is a plug-in that the broker would run', serviceAccount],
  'client-certificate': ['it names a file: the broker would read its own disk and send it to the server', flatten],
  'client-key': ['it names a file: the broker would read its own disk', flatten],
  tokenFile: ['it names a file: the broker would read its own disk and send it to the server', flatten],
  username: ['a password is not accepted', serviceAccount],
  password: ['a password is not accepted', serviceAccount],
  as: ['the broker acts as nobody but itself', 'Give the credential of the account itself.'],
  'as-uid': ['the broker acts as nobody but itself', 'Give the credential of the account itself.'],
  'as-groups': ['the broker acts as nobody but itself', 'Give the credential of the account itself.'],
  'as-user-extra': ['the broker acts as nobody but itself', 'Give the credential of the account itself.'],
};
const knownOfCluster = new Set(['server', 'certificate-authority-data', 'tls-server-name', 'insecure-skip-tls-verify', 'disable-compression', 'extensions']);
const knownOfUser = new Set(['client-certificate-data', 'client-key-data', 'token', 'extensions']);

const checkFields = (fields: Fields, path: Path, refused: typeof refusedOfUser, known: ReadonlySet<string>, report: Report): void => {
  for (const name of Object.keys(fields)) {
    const reason = Object.hasOwn(refused, name) ? refused[name] : undefined;
    if (reason !== undefined) report([...path, name], `${name}: ${reason[0]}`, reason[1]);
    else if (!known.has(name)) report([...path, name], `${shown(name)} is no field of a kubeconfig that Hanse knows`, 'Remove it.');
  }
};

/** The entry of that name in contexts, clusters or users. */
const named = (config: Fields, list: string, inner: string, name: string, report: Report): { fields: Fields; path: Path } | null => {
  const found = listOf(config[list]).flatMap((entry, index) => {
    const fields = fieldsOf(entry);
    return fields?.['name'] === name ? [{ index, inner: fieldsOf(fields[inner]) }] : [];
  });
  const [first, second] = found;
  if (first === undefined) return report([list], `${list} has no entry named ${shown(name)}`, 'Complete the kubeconfig.');
  if (second !== undefined) return report([list, second.index, 'name'], `${list} has two entries named ${shown(name)}`, 'Remove one of the two.');
  if (first.inner === null) return report([list, first.index], `${list}[${first.index}] has no ${inner}`, 'Complete the kubeconfig.');
  return { fields: first.inner, path: [list, first.index, inner] };
};

const chooseContext = (config: Fields, wanted: string | undefined, report: Report): string | null => {
  const names = listOf(config['contexts']).flatMap((entry) => textOf(fieldsOf(entry)?.['name']) ?? []);
  const current = wanted ?? textOf(config['current-context']) ?? (names.length === 1 ? names[0] : undefined);
  const choices = names.slice(0, 20).map(shown).join(', ');
  if (current === undefined)
    return report(['current-context'], `no context is chosen; there are ${choices === '' ? 'none' : choices}`, 'Choose one with --context.');
  if (!names.includes(current))
    return report(['contexts'], `there is no context ${shown(current)}; there are ${choices === '' ? 'none' : choices}`, 'Choose one with --context.');
  return current;
};

const readCluster = (entry: { fields: Fields; path: Path }, rules: KubeconfigRules, report: Report): Pick<Access, 'server' | 'ca' | 'tlsServerName'> | null => {
  const { fields, path } = entry;
  checkFields(fields, path, refusedOfCluster, knownOfCluster, report);
  const skip = fields['insecure-skip-tls-verify'];
  if (skip !== undefined && skip !== false) {
    report([...path, 'insecure-skip-tls-verify'], 'anybody on the way could answer in the name of the cluster', 'Give certificate-authority-data instead.');
  }
  const outcome = readServer(textOf(fields['server']) ?? '', rules.allowed);
  if (outcome.kind === 'rejected') report([...path, 'server'], `server: ${outcome.why}`, outcome.fix);
  const caPath = [...path, 'certificate-authority-data'];
  const ca = textOfBase64(textOf(fields['certificate-authority-data']) ?? '');
  const certificates = ca === null ? null : readCertificates(ca);
  if (ca === null || certificates === null) report(caPath, 'certificate-authority-data: there is no certificate in it', flatten);
  else if (certificates.every(({ notAfter }) => notAfter < new Date(rules.now).toISOString())) {
    report(caPath, 'certificate-authority-data: every certificate in it has expired', 'Give the current certificate authority of the cluster.');
  }
  const given = fields['tls-server-name'];
  const tlsServerName = given === undefined ? null : textOf(given);
  if (given !== undefined && (tlsServerName === null || !/^[A-Za-z0-9._-]{1,253}$/.test(tlsServerName))) {
    report([...path, 'tls-server-name'], 'tls-server-name is not a host name', 'Correct it.');
  }
  return outcome.kind === 'rejected' || ca === null ? null : { server: outcome.address.server, ca, tlsServerName };
};

const checkLife = (expiresAt: string | null, path: Path, rules: KubeconfigRules, report: Report): void => {
  if (expiresAt === null || Date.parse(expiresAt) - rules.now > lifeLeastMs) return;
  report(path, `it ends at ${expiresAt}, too early to set up an account with it`, 'Give a credential that is valid for at least ten minutes.');
};

const readUser = (
  { fields, path }: { fields: Fields; path: Path },
  rules: KubeconfigRules,
  report: Report,
): Pick<Access, 'credential' | 'expiresAt'> | null => {
  checkFields(fields, path, refusedOfUser, knownOfUser, report);
  const [token, certBase64, keyBase64] = ['token', 'client-certificate-data', 'client-key-data'].map((name) => fields[name]);
  if (token !== undefined && certBase64 !== undefined)
    return report(path, 'it has a token and a certificate: it is not clear which account is meant', 'Remove one of the two.');
  if (token !== undefined) {
    const text = textOf(token);
    if (text === null || !/^[\x21-\x7e]{1,16384}$/.test(text)) return report([...path, 'token'], 'token: it is not a token', 'Correct it.');
    const expiresAt = expiryOfToken(text);
    checkLife(expiresAt, [...path, 'token'], rules, report);
    return { credential: { kind: 'token', token: text }, expiresAt };
  }
  const cert = textOfBase64(textOf(certBase64) ?? '');
  const key = textOfBase64(textOf(keyBase64) ?? '');
  if (cert === null || key === null) return report(path, 'there is neither a token nor an embedded certificate with its key', flatten);
  const [certificate] = readCertificates(cert) ?? [];
  if (certificate === undefined) return report([...path, 'client-certificate-data'], 'client-certificate-data: there is no certificate in it', flatten);
  if (keyBelongsTo(cert, key) !== true) return report([...path, 'client-key-data'], 'client-key-data: it is not the key of the certificate', 'Correct it.');
  checkLife(certificate.notAfter, [...path, 'client-certificate-data'], rules, report);
  return { credential: { kind: 'certificate', cert, key }, expiresAt: certificate.notAfter };
};

const readConfig = (read: Read, rules: KubeconfigRules, report: Report): Access | null => {
  const config = fieldsOf(read.value);
  if (config === null || config['kind'] !== 'Config') return report(['kind'], 'it is not a kubeconfig (kind: Config)', 'Send a kubeconfig.');
  const context = chooseContext(config, rules.context, report);
  const chosen = context === null ? null : named(config, 'contexts', 'context', context, report);
  if (context === null || chosen === null) return null;
  const clusterEntry = named(config, 'clusters', 'cluster', textOf(chosen.fields['cluster']) ?? '', report);
  const userEntry = named(config, 'users', 'user', textOf(chosen.fields['user']) ?? '', report);
  const cluster = clusterEntry === null ? null : readCluster(clusterEntry, rules, report);
  const user = userEntry === null ? null : readUser(userEntry, rules, report);
  return cluster === null || user === null ? null : { context, ...cluster, ...user };
};

/** Every fault at once, each with its place and the remedy. Never a value of the text beside names and addresses. */
export const readKubeconfig = (text: string, rules: KubeconfigRules): KubeconfigOutcome => {
  const outcome = readDocument(text);
  if (outcome.kind === 'rejected') return outcome;
  const faults: Fault[] = [];
  const report: Report = (path, message, fix) => {
    faults.push({ message, fix, place: outcome.read.place(path) });
    return null;
  };
  const access = readConfig(outcome.read, rules, report);
  return access === null || faults.length > 0 ? { kind: 'rejected', faults } : { kind: 'accepted', access };
};
