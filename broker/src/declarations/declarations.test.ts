import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentsText } from '../../../cli/src/declaredText.ts';
import { type DeclaredKind, declaredKinds, declaredSchema } from '../../../contract/src/index.ts';
import type { Peering } from '../federation/index.ts';
import type { Json } from '../ids.ts';
import { parsePolicy } from '../placement/index.ts';
import type { Application } from '../workloads/application.ts';
import { acceptedForms } from '../workloads/index.ts';
import { amountOf, sizeOf } from './amounts.ts';
import { applicationOf, federationOf, policyOf, readDeclarations, type State, translateApplication, translateFederation, translatePolicy } from './index.ts';

const nowhere: State = {
  homes: ['home'],
  providers: ['pa', 'pb', 'pc'],
  peerings: [],
  applications: [],
  policies: [],
  chosen: new Map(),
  unfit: new Map(),
};
const printed = (document: unknown): string => documentsText([document]);
const read = <Kind extends DeclaredKind>(text: string, kind: Kind) => {
  const { declared, faults } = readDeclarations([{ file: 'wish.yaml', text }]);
  expect(faults).toEqual([]);
  const found = declared.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`No ${kind} in ${text}`);
  return found as Extract<typeof found, { kind: Kind }>; // just found by its kind
};

const size = fc.record({
  cpuMillis: fc.integer({ min: 1, max: 9_999_999 }),
  memoryBytes: fc.oneof(
    fc.integer({ min: 1, max: 2 ** 46 }),
    fc.integer({ min: 1, max: 4000 }).map((gib) => gib * 2 ** 30),
  ),
  pods: fc.integer({ min: 1, max: 10_000 }),
  gpus: fc.integer({ min: 0, max: 64 }),
});
const peeringOf = (provider: string, resources: Peering['resources']): Peering => ({
  home: 'home',
  provider,
  homeClusterId: 'home',
  providerClusterId: provider,
  homeNamespace: 'liqo-tenant-x',
  providerNamespace: 'liqo-tenant-home',
  authentication: 'handshake',
  dataPlane: 'native',
  virtualNode: provider,
  resources,
  state: 'ready',
});

describe('what stands, as a document, asks for nothing', () => {
  it('never writes a size as another one', () => {
    const none = { cpuMillis: 0, memoryBytes: 0, pods: 0, gpus: 0 };
    fc.assert(
      fc.property(size, (resources) => {
        expect(sizeOf(amountOf(resources), none)).toEqual(resources);
      }),
    );
  });

  it('of a federation: its own providers, each with the size that it has', () => {
    fc.assert(
      fc.property(fc.subarray(['pa', 'pb', 'pc']), fc.array(size, { minLength: 3, maxLength: 3 }), (providers, sizes) => {
        const peerings = providers.map((provider, index) => peeringOf(provider, sizes[index] ?? { cpuMillis: 1, memoryBytes: 1, pods: 1, gpus: 0 }));
        const declared = read(printed(federationOf('home', peerings)), 'Federation');
        const { differences, acts } = translateFederation(declared, { ...nowhere, peerings }, { prune: true });
        expect(differences).toEqual([]);
        // the verbs are asked whether the world agrees: those that stand, without another size
        expect(acts.map((act) => (act.kind === 'verb' ? [act.verb, act.request] : []))).toEqual([
          ...(providers.length === 0 ? [] : [['federate', { home: 'home', providers }]]),
          ...peerings.map(({ provider, resources }) => ['resize', { provider, resources }]),
        ]);
      }),
    );
  });

  it('of a policy: the same policy', () => {
    const criteria = fc.subarray([
      'country=DE,NL',
      'label>=L2@certified',
      'gpu.count>=4',
      'price<0.05',
      'city!=New York',
      'cpu.cores=8..64',
      'distance(52.37,4.9)<=500km',
    ]);
    const preferences = fc.subarray(['price:lowest', 'cpu.cores:highest*2', 'energy.renewable:highest*0.5', 'country=DE*2', 'distance(52.37,-4.9):lowest']);
    fc.assert(
      fc.property(criteria, preferences, fc.integer({ min: 1, max: 9 }), fc.subarray(['pa', 'pb']), (some, others, providersMin, exclude) => {
        const spec = { required: some, preferred: others, spread: { providersMin }, allowKinds: ['apps/v1/DaemonSet'], exclude };
        const policy = parsePolicy(JSON.stringify({ apiVersion: 'hanse.dev/v1', kind: 'Policy', metadata: { name: 'one' }, spec }), 'one');
        const declared = read(printed(policyOf(policy)), 'Policy');
        expect(translatePolicy(declared, { ...nowhere, policies: [policy] })).toMatchObject({ differences: [], acts: [] });
      }),
    );
  });

  it('of an application: every object as it was accepted, whatever its texts look like to YAML', () => {
    const tricky = fc.constantFrom(
      'yes',
      'off',
      '012',
      '0x1f',
      '1_000',
      '12:30',
      '1e3',
      '~',
      'null',
      '<<',
      '=',
      '.5',
      '2026-11-22',
      ' a',
      'a: b',
      '#',
      '%',
      '@',
      '- x',
      'é\n\tx\n',
      '|',
      '',
    );
    const text = fc.oneof(
      tricky,
      fc.string({ unit: 'grapheme', maxLength: 20 }).filter((one) => !/[\p{Cc}\p{Surrogate}\u2028\u2029\ufeff\ufffe\uffff]/u.test(one)),
    );
    // no key of Kubernetes can be "<<", which YAML 1.1 takes for a merge
    const data = fc.dictionary(
      fc.oneof(tricky, fc.stringMatching(/^[a-z0-9.]{1,9}$/)).filter((key) => key !== '' && key !== '<<'),
      text,
      { maxKeys: 6 },
    );
    fc.assert(
      fc.property(data, data, fc.subarray(['pa', 'pb'], { minLength: 1 }), fc.boolean(), (values, annotations, clusters, isPinned) => {
        const object = (kind: string, name: string, more: object) => ({ apiVersion: 'v1', kind, metadata: { name, annotations }, ...more });
        const manifests = [object('ConfigMap', 'words', { data: values }), object('Secret', 'word', { type: 'Opaque' })];
        const accepted = acceptedForms([{ file: 'x', text: JSON.stringify({ kind: 'List', apiVersion: 'v1', items: manifests }) }]) ?? [];
        expect(accepted).toHaveLength(2);
        const before: Application = {
          name: 'shop',
          namespace: 'shop',
          home: 'home',
          accepted,
          manifests: accepted,
          secrets: [],
          clusters,
          request: {
            subject: 'shop',
            replicas: 1,
            each: { cpuMillis: 1, memoryBytes: 1, pods: 1, gpus: 0 },
            criteria: [],
            preferences: [],
            providersMin: 1,
            exclude: [],
          },
          asked: { where: ['country=NL'], prefer: ['price:lowest'], ...(isPinned && { clusters }) },
          placement: { chosen: [], candidates: [], snapshotVersion: 1, decisionVersion: 1 },
          state: 'running',
        };
        const declared = read(printed(applicationOf(before, [])), 'Application');
        const found = translateApplication(declared, { state: { ...nowhere, applications: [before] }, files: undefined, declaredPolicies: new Map() });
        expect(found.differences).toEqual([]);
        const [deploy, ...others] = found.acts;
        expect(others).toEqual([]);
        expect(deploy).toMatchObject({
          verb: 'deploy',
          request: { name: 'shop', home: 'home', where: ['country=NL'], prefer: ['price:lowest'], keepSecretData: true },
        });
        // what is sent to be deployed reads as what was accepted
        const sent = deploy?.kind === 'verb' ? deploy.request['manifests'] : [];
        expect(acceptedForms(sent as { file: string; text: string }[])).toEqual(accepted); // as translateApplication makes it
      }),
      { numRuns: 200 },
    );
  });
});

describe('what a document leads to', () => {
  const acts = (text: string, state: Partial<State>, prune = false) =>
    translateFederation(read(text, 'Federation'), { ...nowhere, ...state }, { prune }).acts.map((act) =>
      act.kind === 'verb' ? { verb: act.verb, ...act.request } : act,
    );
  const federation = (spec: Json): string => JSON.stringify({ apiVersion: 'hanse.dev/v1', kind: 'Federation', metadata: { name: 'home' }, spec });
  const usual = { cpuMillis: 4000, memoryBytes: 8 * 2 ** 30, pods: 110, gpus: 0 };

  it('asks for new providers by size, and leaves others only when it is told to prune', () => {
    const wish = federation({ providers: [{ name: 'pa', resources: { cpu: '500m' } }, { name: 'pb' }] });
    const peerings = [peeringOf('pc', usual)];
    const federates = [
      { verb: 'federate', home: 'home', providers: ['pa'], resources: { ...usual, cpuMillis: 500 } },
      { verb: 'federate', home: 'home', providers: ['pb'] },
    ];
    expect(acts(wish, { peerings })).toEqual(federates);
    expect(acts(wish, { peerings }, true)).toEqual([...federates, { verb: 'leave', provider: 'pc', home: 'home' }]);
  });

  it('takes criteria for the providers that satisfy them now', () => {
    const wish = federation({ where: ['country=NL'], resources: { pods: 10 } });
    expect(acts(wish, { chosen: new Map([['home', ['pa', 'pb']]]) })).toEqual([
      { verb: 'federate', home: 'home', providers: ['pa', 'pb'], resources: { ...usual, pods: 10 } },
    ]);
    expect(acts(wish, {})).toEqual([{ verb: 'federate', home: 'home', where: ['country=NL'] }]);
  });
});

describe('documents that are wrong', () => {
  const faults = (text: string) =>
    readDeclarations([{ file: 'wish.yaml', text }]).faults.map(({ message, fix, place }) => [place?.line, place?.path, message, fix ?? '']);

  it.each([
    ['kind: Federation\napiVersion: hanse.dev/v2\nmetadata: { name: home }\nspec: {}\n', 2, 'apiVersion', /cannot stand/, /hanse\.dev\/v1/],
    ['apiVersion: hanse.dev/v1\nkind: Federatoin\n', 2, 'kind', /no kind Federatoin/, /Did you mean Federation\?/],
    ['apiVersion: apps/v1\nkind: Deployment\n', 1, 'apiVersion', /apps\/v1 is not declared/, /spec\.manifests/],
    [
      'apiVersion: hanse.dev/v1\nkind: Application\nmetadata: { name: x }\nspec:\n  file: [x]\n  files: [x]\n',
      5,
      'spec.file',
      /no field file here/,
      /Did you mean files\?/,
    ],
    ['apiVersion: hanse.dev/v1\nkind: Application\nmetadata: { name: x }\nspec:\n  spread: 2\n', 4, 'spec', /exactly one of manifests, files and url/, /^$/],
    [
      'apiVersion: hanse.dev/v1\nkind: Federation\nmetadata: { name: home }\nspec:\n  providers:\n    - name: pa\n      resources:\n        memory: 8GB\n',
      8,
      'spec.providers.0.resources.memory',
      /a quantity.*8Gi/,
      /^$/,
    ],
    [
      'apiVersion: hanse.dev/v1\nkind: Federation\nmetadata: { name: home }\nspec:\n  where:\n    - contry=DE\n',
      6,
      'spec.where.0',
      /contry/,
      /Did you mean country\?/,
    ],
    ['a: 1\na: 2\n', 2, undefined, /unique/, /^$/],
    ['a: &x [1]\nb: *x\n', 1, undefined, /aliases/, /Write the values out/],
    ['', undefined, undefined, /There is no Federation, Application, Policy/, /hanse schema/],
  ])('names line, path and what could stand there: %j', (text, line, path, message, fix) => {
    const [first] = faults(text);
    expect(first?.slice(0, 2)).toEqual([line, path]);
    expect(first?.[2]).toMatch(message);
    expect(first?.[3]).toMatch(fix);
  });

  it('never throws, whatever is sent', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.json().map((json) => `apiVersion: hanse.dev/v1\nkind: Application\nmetadata: {name: x}\nspec: ${json}\n`),
    );
    fc.assert(fc.property(anything, (text) => void readDeclarations([{ file: 'x', text }])));
  });

  it('tells a thing that stands twice with both places', () => {
    const one = 'apiVersion: hanse.dev/v1\nkind: Policy\nmetadata: { name: same }\nspec: {}\n';
    expect(faults(`${one}---\n${one}`)).toEqual([[6, undefined, 'Policy same stands there twice: first in wish.yaml, line 1.', 'Remove one of the two.']]);
  });

  it('keeps the lines of manifests that stand in a document', () => {
    const text =
      'apiVersion: hanse.dev/v1\nkind: Application\nmetadata: { name: x }\nspec:\n  manifests:\n    - apiVersion: v1\n      kind: ConfigMap\n      metadata: { name: one }\n    - apiVersion: v1\n      kind: ConfigMap\n      metadata: { name: two }\n      data: { mode: 0644 }\n';
    const { manifests } = read(text, 'Application');
    expect(manifests.map((manifest) => manifest.text.split('\n').findIndex((line) => line.includes('apiVersion')))).toEqual([5, 8]);
    expect(acceptedForms(manifests)?.[1]).toMatchObject({ data: { mode: 420 } }); // as kubectl reads it
  });
});

describe('the schemas for editors', () => {
  it.each([...declaredKinds])('tell every field of %s with what it is for', (kind) => {
    expect(declaredSchema(kind)).toMatchObject({ type: 'object', additionalProperties: false, required: ['apiVersion', 'kind', 'metadata', 'spec'] });
  });
});
