// What an operator can set: a YAML file, then the environment above it. Text in, a value or every fault out.
import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { z } from 'zod';
import type { Fault } from './errors.ts';
import { checkNames, demands, type CheckName, type Demand, type Source, sourceSetting } from './catalogue/index.ts';
import { parseAddress, parseRange } from './clusters/address.ts';
import { causes, type Rules, usualRules } from './reactions/index.ts';
import { interconnectSettings, readTopology, type Topology } from './interconnect/index.ts';

export type Config = {
  /** Where the broker listens. Loopback unless the file says otherwise. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly dataDir: string;
  /** Keys and tokens; outside the data directory. */
  readonly configDir: string;
  /** undefined: the embedded PostgreSQL in the data directory. */
  readonly databaseUrl: string | undefined;
  /** Folder that hanse publish wrote, answered under /gaia-x/ to anyone. */
  readonly publishDir?: string;
  /** Exact `host:port` entries or ranges (`10.100.0.0/24`): the only private addresses that Hanse speaks to. */
  readonly allowedAddresses: readonly string[];
  readonly credentials: {
    /** Folders or https URLs with offers as signed credentials, and services that are read bit by bit. */
    readonly sources: readonly Source[];
    /** `public`: what this broker believes can be read by anyone, to be harvested. */
    readonly shared?: 'nobody' | 'public';
    /** Issuers that are trusted by configuration: DID → public key (JWK). did:web issuers resolve without an entry. */
    readonly trustedIssuers: Readonly<Record<string, Jwk>>;
    /** File with the certificate authorities (PEM) that count for these addresses beside the system's. */
    readonly authorityFile?: string;
    /** How long what an https source or a status list answered is taken for what it would answer now. */
    readonly askAgainSeconds?: number;
    /** How many days before its end a credential is expiring. */
    readonly expiringDays?: number;
    /** For how many days a credential is kept that no source gives any more and nothing rests on. */
    readonly keepDays?: number;
    /** File with the certificates (PEM) that the chains of issuers' keys may end in. */
    readonly trustAnchorsFile?: string;
    /** Base addresses of Gaia-X registries that may answer for chains. */
    readonly registries?: readonly string[];
    /** Certificate policies (OIDs), one of which an issuer's certificate has to be under. */
    readonly certificatePolicies?: readonly string[];
    /** `any`: an issuer's certificate may be for another host than its DID's. */
    readonly certificateHost?: 'same' | 'any';
    /** JSON-LD contexts: the exact address that credentials name, the https address or file where it lies, and the SHA-256 that it has to have. */
    readonly contexts?: readonly { readonly url: string; readonly from: string; readonly sha256: string }[];
    /** SHACL shapes and the classes that they name, as Turtle. */
    readonly shapes?: readonly { readonly from: string; readonly sha256: string }[];
    /** Check → what is demanded of it: passed, notFailed, nothing. */
    readonly requires?: Readonly<Partial<Record<CheckName, Demand>>>;
  };
  readonly probe: { readonly image: string };
  /** Between two questions to each cluster's API server whether it answers, from which availability and latency are measured. */
  readonly heartbeatSeconds: number;
  /** How long a killed broker's work waits before another one takes it over. */
  readonly leaseSeconds: number;
  /** Bounds of the time that a migration waits between taking a pod out of its Services and ending it. */
  readonly migration: { readonly drainSecondsMin: number; readonly drainSecondsMax: number };
  /** What happens to providers: how often it is looked at, and the limits of what is done about it. */
  readonly reactions: ReactionSettings;
  /** Exchanges, splices, and where each cluster's site is connected. */
  readonly interconnect: Topology;
};

export type ReactionSettings = { readonly everySeconds: number; readonly offersSeconds: number; readonly circuitsSeconds: number; readonly rules: Rules };

export type Jwk = Readonly<Record<string, unknown>>;

export type ConfigSources = {
  /** As read, with the name to show. */
  readonly file?: { readonly name: string; readonly text: string } | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  /** Of the account that runs the broker. */
  readonly home: string;
};

export type Parsed = { readonly config: Config; readonly faults?: never } | { readonly config?: never; readonly faults: readonly Fault[] };

const textCharactersMax = 1_000_000;

const port = z.number().int().min(1).max(65_535);
const folder = z.string().startsWith('/', 'must be an absolute path').max(4096);
const seconds = z.number().min(0).max(3600);
const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://');

/** A host and a port, or a range of addresses. */
const isAllowable = (text: string): boolean => {
  if (text.includes('/')) return parseRange(text) !== null;
  const [, host = '', number = ''] = /^(\[[^\]]+\]|[^:\s]+):(\d{1,5})$/.exec(text) ?? [];
  const isAddress = host.startsWith('[') ? parseAddress(host.slice(1, -1)) !== null : /^[A-Za-z0-9.-]+$/.test(host);
  return isAddress && port.safeParse(Number(number)).success;
};

const pinned = {
  from: z
    .string()
    .regex(/^(https:\/\/|\/)/, 'must be an https address or an absolute path')
    .max(4096),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex, as sha256sum prints it'),
};

const settings = z.strictObject({
  listen: z.strictObject({ host: z.string().min(1).max(253).exactOptional(), port: port.exactOptional() }).exactOptional(),
  dataDir: folder.exactOptional(),
  configDir: folder.exactOptional(),
  databaseUrl: postgresUrl.exactOptional(),
  publishDir: folder.exactOptional(),
  allowedAddresses: z.array(z.string().refine(isAllowable, 'must be host:port or a range such as 10.100.0.0/24')).max(1000).exactOptional(),
  credentials: z
    .strictObject({
      sources: z.array(sourceSetting).max(1000).exactOptional(),
      shared: z.enum(['nobody', 'public']).exactOptional(),
      trustedIssuers: z.record(z.string().startsWith('did:', 'must be a DID'), z.record(z.string(), z.unknown())).exactOptional(),
      authorityFile: folder.exactOptional(),
      askAgainSeconds: z.number().min(1).max(86_400).exactOptional(),
      expiringDays: z.number().min(0).max(365).exactOptional(),
      keepDays: z.number().min(1).max(3_650).exactOptional(),
      trustAnchorsFile: folder.exactOptional(),
      registries: z.array(z.string().startsWith('https://', 'must begin with https://').max(2048)).max(20).exactOptional(),
      certificatePolicies: z
        .array(z.string().regex(/^\d+(\.\d+)+$/, 'must be an object identifier such as 2.23.140.1.1'))
        .max(50)
        .exactOptional(),
      certificateHost: z.enum(['same', 'any']).exactOptional(),
      contexts: z
        .array(z.strictObject({ url: z.string().min(1).max(2048), ...pinned }))
        .max(50)
        .exactOptional(),
      shapes: z.array(z.strictObject(pinned)).max(20).exactOptional(),
      requires: z.partialRecord(z.enum(checkNames), z.enum(demands)).exactOptional(),
    })
    .exactOptional(),
  probe: z.strictObject({ image: z.string().min(1).max(512).exactOptional() }).exactOptional(),
  heartbeatSeconds: z.number().min(0.2).max(25, 'must be at most 25: later ones would open a connection each').exactOptional(),
  leaseSeconds: z.number().min(23, 'must be at least 23: half as long again as a request to a cluster may take').max(600).exactOptional(),
  migration: z
    .strictObject({ drainSecondsMin: seconds.exactOptional(), drainSecondsMax: seconds.exactOptional() })
    .refine(({ drainSecondsMin = 0, drainSecondsMax = 3600 }) => drainSecondsMin <= drainSecondsMax, 'drainSecondsMin is above drainSecondsMax')
    .exactOptional(),
  reactions: z
    .strictObject({
      everySeconds: z.number().min(1).max(10).exactOptional(),
      offersSeconds: z.number().min(1).max(3600).exactOptional(),
      circuitsSeconds: z.number().min(1).max(3600).exactOptional(),
      holdSeconds: z.partialRecord(z.enum(causes), seconds).exactOptional(),
      plansMax: z.int().min(0).max(1000).exactOptional(),
      windowSeconds: z.number().min(60).max(604_800).exactOptional(),
      shareMax: z.number().min(0).max(1).exactOptional(),
      againSeconds: z.number().min(1).max(86_400).exactOptional(),
    })
    .exactOptional(),
  exchanges: interconnectSettings.exchanges.exactOptional(),
  splices: interconnectSettings.splices.exactOptional(),
  sites: interconnectSettings.sites.exactOptional(),
  lan: interconnectSettings.lan.exactOptional(),
});
type Settings = z.infer<typeof settings>;

export const parseConfig = (sources: ConfigSources): Parsed => {
  const fromFile = readFile(sources.file);
  const fromEnv = readEnv(sources.env);
  const faults = [...fromFile.faults, ...fromEnv.faults];
  if (faults.length > 0) return { faults };
  const { topology, faults: misplaced } = readTopology(fromFile.settings);
  if (!topology) return { faults: misplaced.map(({ path, message }) => ({ message: `${path}: ${message}`, place: { file: sources.file?.name ?? '', path } })) };
  const config = withDefaults(fromFile.settings, fromEnv.settings, sources, topology);
  return isInside(config.configDir, config.dataDir) ? { faults: [keysInside(config)] } : { config };
};

const readFile = (file: ConfigSources['file']): { settings: Settings; faults: readonly Fault[] } => {
  if (!file) return { settings: {}, faults: [] };
  if (file.text.length > textCharactersMax)
    return { settings: {}, faults: [{ message: `the file is larger than ${textCharactersMax} characters`, place: { file: file.name } }] };
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines, uniqueKeys: true });
  const lineOf = (offset: number | undefined): { line: number } | undefined => (offset === undefined ? undefined : { line: lines.linePos(offset).line });
  const broken = document.errors.map((error) => ({ message: error.message.split('\n')[0] ?? 'not YAML', place: { file: file.name, ...lineOf(error.pos[0]) } }));
  if (broken.length > 0) return { settings: {}, faults: broken };
  const value = valueOf(document);
  if ('fault' in value) return { settings: {}, faults: [{ message: value.fault, place: { file: file.name } }] };
  const parsed = settings.safeParse(value.value ?? {});
  if (parsed.success) return { settings: parsed.data, faults: [] };
  const faults = parsed.error.issues.map(({ message, path }): Fault => {
    const node: unknown = path.length > 0 ? document.getIn(path, true) : document.contents;
    const offset = typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range) ? Number(node.range[0]) : undefined;
    return { message: `${path.join('.') || 'the file'}: ${message}`, place: { file: file.name, path: path.join('.'), ...lineOf(offset) } };
  });
  return { settings: {}, faults };
};

/** An alias without an anchor, or so many that they would fill the memory, is only found here. */
const valueOf = (document: Document): { value: unknown } | { fault: string } => {
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : 'not YAML' };
  }
};

const variables = { dataDir: 'HANSE_DATA_DIR', configDir: 'HANSE_CONFIG_DIR', databaseUrl: 'HANSE_DATABASE_URL', 'listen.port': 'HANSE_PORT' };

const readEnv = (env: ConfigSources['env']): { settings: Settings; faults: readonly Fault[] } => {
  const { dataDir, configDir, databaseUrl, 'listen.port': port } = variables;
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  const parsed = settings.safeParse({
    ...(isSet(dataDir) && { dataDir: env[dataDir] }),
    ...(isSet(configDir) && { configDir: env[configDir] }),
    ...(isSet(databaseUrl) && { databaseUrl: env[databaseUrl] }),
    ...(isSet(port) && { listen: { port: Number(env[port]) } }),
  });
  if (parsed.success) return { settings: parsed.data, faults: [] };
  const nameOf = new Map(Object.entries(variables));
  const faults = parsed.error.issues.map(({ message, path }): Fault => {
    const name = nameOf.get(path.join('.')) ?? path.join('.');
    return { message: `${name}: ${message}`, place: { path: name } }; // the value is not quoted: a database URL may hold a password
  });
  return { settings: {}, faults };
};

const withDefaults = (
  { exchanges: _exchanges, splices: _splices, sites: _sites, lan: _lan, ...fromFile }: Settings,
  fromEnv: Settings,
  sources: ConfigSources,
  interconnect: Topology,
): Config => ({
  ...defaultFolders(sources),
  databaseUrl: undefined,
  allowedAddresses: [],
  heartbeatSeconds: 15,
  leaseSeconds: 30,
  interconnect,
  ...fromFile,
  ...fromEnv,
  listen: { host: '127.0.0.1', port: 7480, ...fromFile.listen, ...fromEnv.listen },
  credentials: { sources: [], trustedIssuers: {}, ...fromFile.credentials },
  probe: { image: 'docker.io/library/busybox:1.37', ...fromFile.probe },
  reactions: reactionSettings(fromFile.reactions ?? {}),
  migration: { drainSecondsMin: 15, drainSecondsMax: 120, ...fromFile.migration },
});

const reactionSettings = (said: NonNullable<Settings['reactions']>): ReactionSettings => {
  const { everySeconds = 5, offersSeconds = 60, circuitsSeconds = 10, holdSeconds = {}, ...limits } = said;
  return { everySeconds, offersSeconds, circuitsSeconds, rules: { ...usualRules, ...limits, holdSeconds: { ...usualRules.holdSeconds, ...holdSeconds } } };
};

const defaultFolders = ({ env, isRoot, home }: ConfigSources): Pick<Config, 'dataDir' | 'configDir'> => {
  if (isRoot) return { dataDir: '/var/lib/hanse', configDir: '/etc/hanse' };
  return { dataDir: `${env['XDG_DATA_HOME'] || `${home}/.local/share`}/hanse`, configDir: `${env['XDG_CONFIG_HOME'] || `${home}/.config`}/hanse` };
};

const isInside = (inner: string, outer: string): boolean => `${inner}/`.startsWith(`${outer.replace(/\/+$/, '')}/`);

const keysInside = ({ configDir, dataDir }: Config): Fault => ({
  message: `the config directory ${configDir} is inside the data directory ${dataDir}: the keys would be kept with what they seal`,
  fix: 'Set HANSE_CONFIG_DIR or HANSE_DATA_DIR so that neither keys nor data lie inside the other.',
});
