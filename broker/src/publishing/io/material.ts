// What a participant shows of itself: behind its DID, at an address, or in a folder that is not published yet. Gathered like a stranger's, and judged.
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { credentialAddresses, didWebAddress, isReliable, judge, offeringsOf, readDidDocument, stateOf } from '../../catalogue/index.ts';
import type { Evidence, Found, Judgement, Offering, Policy } from '../../catalogue/index.ts';
import { createEvidenceGatherer, fetchText } from '../../catalogue/io/index.ts';
import type { FetchRules } from '../../catalogue/io/index.ts';
import { baseOf } from '../site.ts';

export type Material = {
  readonly received: readonly { readonly source: string; readonly text: string }[];
  readonly failures: readonly { readonly source: string; readonly reason: string }[];
  /** What a folder says would be found on the web. */
  readonly known: Evidence;
};

type Rules = Omit<FetchRules, 'bytesMax'>;

const bytesMax = 4 * 1024 * 1024;
const filesMax = 1000;
const addressesMax = 50;
const tokensMax = 500;
const depthMax = 5;

/** `target`: did:web:…, https://…, or a folder. What cannot be had is a failure in words. */
export async function gatherMaterial(target: string, rules: Rules): Promise<Material> {
  if (target.startsWith('did:')) return fromDid(target, rules);
  return target.includes('://') ? fromAddress(target, rules) : fromFolder(target);
}

const failed = (source: string, reason: string): Material => ({ received: [], failures: [{ source, reason }], known: new Map() });

async function fromDid(did: string, rules: Rules): Promise<Material> {
  const address = didWebAddress(did);
  if (address === null) return failed(did, 'it is not a did:web whose document could be found');
  const fetched = await fetchText(address, { ...rules, bytesMax });
  return 'failure' in fetched ? failed(address, fetched.failure) : fromDocument(address, fetched.text, rules);
}

async function fromAddress(address: string, rules: Rules): Promise<Material> {
  const fetched = await fetchText(address, { ...rules, bytesMax });
  if ('failure' in fetched) return failed(address, fetched.failure);
  return /^\s*\{/.test(fetched.text) ? fromDocument(address, fetched.text, rules) : { received: apart(address, fetched.text), failures: [], known: new Map() };
}

async function fromDocument(address: string, text: string, rules: Rules): Promise<Material> {
  const read = readDidDocument(text);
  if ('reason' in read) return failed(address, `it is neither a credential nor a DID document: ${read.reason}`);
  const named = credentialAddresses(text, read.document.id);
  const addresses = 'reason' in named ? [] : named.addresses.slice(0, addressesMax);
  if (addresses.length === 0) return failed(address, 'the DID document names no address of credentials (a service of the type LinkedVerifiablePresentation)');
  const fetched = await Promise.all(addresses.map(async (each) => ({ each, found: await fetchText(each, { ...rules, bytesMax }) })));
  return {
    received: fetched.flatMap(({ each, found }) => ('text' in found ? apart(each, found.text) : [])),
    failures: fetched.flatMap(({ each, found }) => ('failure' in found ? [{ source: each, reason: found.failure }] : [])),
    known: new Map(),
  };
}

const apart = (source: string, text: string): Material['received'] =>
  (/^\s*[{[]/.test(text) ? [text] : text.split(/\s+/))
    .filter((each) => each !== '')
    .slice(0, tokensMax)
    .map((each) => ({ source, text: each }));

async function fromFolder(folder: string): Promise<Material> {
  const files = await walk(folder, 0).catch(() => null);
  if (files === null) return failed(folder, 'the folder cannot be read');
  const known = new Map<string, Found>();
  const received: { source: string; text: string }[] = [];
  const failures: { source: string; reason: string }[] = [];
  for (const file of files.slice(0, filesMax)) {
    const text = /(\.(jwt|vc|vp)|did\.json)$/.test(file) ? await readBounded(file) : null;
    if (text === null) continue;
    if (file.endsWith('did.json')) await learn(folder, text, known);
    else received.push(...apart(relative(folder, file), text));
  }
  if (received.length === 0) failures.push({ source: folder, reason: 'no credential lies in it (*.jwt, *.vc, *.vp)' });
  return { received, failures, known };
}

/** Links lead elsewhere, and are not followed. */
async function walk(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.slice(0, filesMax).map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return depth < depthMax ? walk(path, depth + 1) : [];
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat().toSorted();
}

async function readBounded(file: string): Promise<string | null> {
  const about = await lstat(file).catch(() => null);
  return about === null || !about.isFile() || about.size > bytesMax ? null : readFile(file, 'utf8').catch(() => null);
}

/** The DID document of the folder, and the chain that its keys name, as they will be answered once they are published. */
async function learn(folder: string, text: string, known: Map<string, Found>): Promise<void> {
  const read = readDidDocument(text);
  if ('reason' in read) return;
  const { id, verificationMethod } = read.document;
  const [address, base] = [didWebAddress(id), baseOf(id)];
  if (address === null || base === null) return;
  const fetchedAt = new Date().toISOString();
  known.set(address, { text, fetchedAt });
  for (const { publicKeyJwk } of verificationMethod) {
    const x5u = publicKeyJwk?.x5u ?? '';
    const name = x5u.startsWith(base) ? x5u.slice(base.length) : '';
    const chain = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}$/.test(name) ? await readBounded(join(folder, name)) : null;
    if (chain !== null) known.set(x5u, { text: chain, fetchedAt });
  }
}

export type Checked = {
  readonly judgements: readonly (Judgement & { readonly source: string })[];
  /** What a catalogue would make of it. */
  readonly offerings: readonly Offering[];
  readonly failures: Material['failures'];
  /** `good`: everything can be relied on. `unknown`: nothing is wrong, but too little could be found out. */
  readonly result: 'good' | 'bad' | 'unknown';
};

export async function checkMaterial(target: string, policy: Policy, rules: Rules): Promise<Checked> {
  const { received, failures, known } = await gatherMaterial(target, rules);
  const gatherer = createEvidenceGatherer({ ...rules, statusAgainMs: 1000 }, Date.now);
  const evidence = await gatherer.gather(
    received.map(({ text }) => text),
    policy,
    known,
  );
  const now = new Date().toISOString();
  const judged = received.map(({ source, text }) => ({ source, judgement: judge(text, evidence, policy, now) }));
  const sourceOf = new Map(
    judged.flatMap(({ source, judgement }) => [judgement, ...judgement.contents].map(({ digest }) => [digest, source] as const)).toReversed(),
  );
  const { offerings, judgements } = offeringsOf(
    judged.map(({ judgement }) => judgement),
    policy,
  );
  const states = judgements.map(stateOf);
  const isBad = states.some((state) => state !== 'active' && state !== 'unverifiable');
  return {
    judgements: judgements
      .map((judgement) => ({ ...judgement, source: sourceOf.get(judgement.digest) ?? target }))
      .toSorted((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1)),
    offerings,
    failures,
    result: isBad ? 'bad' : judgements.length > 0 && judgements.every(isReliable) && failures.length === 0 ? 'good' : 'unknown',
  };
}

/** Presentations first. */
const nameOf = ({ credential, digest }: Judgement): string => `${credential?.payload.id ?? ''} ${digest}`;
