import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe as group, expect, test } from 'vitest';
import { builtInContext, readContext } from '../catalogue/judge/jsonld/admitted.ts';
import { statementsIn } from '../catalogue/judge/jsonld/statements.ts';
import { ownShapes } from '../catalogue/ownShapes.ts';
import { graphOf } from '../catalogue/judge/rdf.ts';
import type { Term, Triple } from '../catalogue/judge/rdf.ts';
import { compileShapes } from '../catalogue/judge/shacl/shapes.ts';
import { parseTurtle } from '../catalogue/judge/shacl/turtle.ts';
import type { Survey } from '../clusters/index.ts';
import { describe } from './describe.ts';
import { ask, questions, registrationKinds } from './questions.ts';

const survey: Survey = {
  kubernetesVersion: 'v1.35.4+rke2r1',
  distribution: 'rke2',
  liqoClusterId: 'fra1',
  liqoVersion: 'v1.2.0',
  podCidrs: ['10.42.0.0/16'],
  serviceCidrs: ['10.43.0.0/16'],
  nodes: {
    count: 2,
    allocatable: { cpuMillis: 31_900, memoryBytes: 128 * 2 ** 30 - 1, pods: 220, gpus: 2 },
    architectures: ['amd64'],
    gpuModels: ['NVIDIA-L40S'],
    zones: ['fra-a', 'fra-b'],
  },
  storageClasses: [{ name: 'ceph-rbd', provisioner: 'rbd.csi.ceph.com', isDefault: true }],
  cni: 'cilium',
};
const needed = {
  did: 'did:web:csp.example:gaia-x',
  'participant.name': 'Example Cloud GmbH',
  'participant.country': 'DE',
  'participant.headquarters': 'DE',
  registration: 'vat-id:DE123456789',
  'gaia-x.terms': 'yes',
  'service.name': 'Kubernetes Frankfurt',
  'service.terms': 'https://csp.example/terms.pdf',
  'service.termsHash': 'a'.repeat(64),
  'datacenter.name': 'FRA1',
  'datacenter.country': 'DE',
};
const everything = {
  ...needed,
  'datacenter.region': 'DE71',
  'datacenter.city': 'Frankfurt',
  'datacenter.position': '50.11,8.68',
  'energy.pue': '1.25',
  'energy.wue': '0.3',
  'energy.renewable': '80',
  'energy.carbonFree': '75.5',
  'energy.date': '2026-06-30',
  price: '0.021',
  regime: 'GDPR2016,CCPA2018',
  provision: 'public',
  tenancy: 'os-virtualized',
  confidential: 'yes',
};
const blind: Survey = { ...survey, nodes: null, liqoClusterId: null, liqoVersion: null, podCidrs: null, serviceCidrs: null, storageClasses: null, cni: null };

test('asks for what the cluster does not say, and for nothing else', () => {
  const names = (given: Survey): string[] => ask(given, {}).missing.map(({ name }) => name);
  expect(names(survey)).toEqual(Object.keys(needed));
  expect(names({ ...survey, nodes: survey.nodes && { ...survey.nodes, zones: ['fra-a'] } })).not.toContain('datacenter.name');
  expect(names(blind).slice(-7)).toEqual(['cpu.cores', 'memory.gib', 'pods', 'arch', 'gpu.count', 'liqo.version', 'liqo.id']);
  expect(ask(survey, { 'energy.renewable': '80' }).missing.map(({ name }) => name)).toEqual(expect.arrayContaining(['energy.carbonFree', 'energy.date']));
});

test('what is given goes before what was read, an empty answer takes it back, and what does not fit is told', () => {
  expect(ask(survey, { 'cpu.cores': '8', cni: '' }).answers).toMatchObject({ 'cpu.cores': '8', 'memory.gib': '127' });
  expect(ask(survey, { cni: '' }).answers).not.toHaveProperty('cni');
  const { faults, missing } = ask(survey, { ...needed, 'datacenter.country': 'Germany', wings: '2', did: 'did:web:127.0.0.1/../x' });
  expect(faults.map(({ message }) => message)).toEqual([
    'there is no answer "wings"',
    'did is not a did:web whose document could be found',
    'datacenter.country does not have the form of an answer',
  ]);
  expect(missing).toEqual([]);
});

test('says nothing that a cluster slips in: no control characters, no line that would end, whatever its nodes are called', () => {
  const text = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 40 }).map((codes) => String.fromCodePoint(...codes)),
    fc.constantFrom('a\u001b[2J', 'x\u0000y', 'a,b', '‮evil', '"}'),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), text, text, (names, version, id) => {
      const nodes = survey.nodes && { ...survey.nodes, zones: names, gpuModels: names, architectures: names };
      const asked = ask({ ...survey, nodes, kubernetesVersion: version, liqoClusterId: id, cni: id }, { ...needed });
      for (const answer of Object.values(asked.answers)) expect(answer).not.toMatch(/\p{C}/u);
      for (const { name, form } of questions) if (asked.answers[name] !== undefined) expect(asked.answers[name]).toMatch(form);
    }),
    { numRuns: 100, seed: 11 },
  );
});

const data = join(import.meta.dirname, '../../../../shared/data/gaia-x-25.11');
const present = existsSync(data);
if (!present) process.stderr.write(`The shapes of Gaia-X are not at ${data}: what needs them is skipped.\n`);

group.skipIf(!present)('conforms to the published shapes of Gaia-X 25.11 and to our own', () => {
  const read = (file: string): string => (present ? readFileSync(join(data, file), 'utf8') : '');
  const triplesOf = (turtle: string): readonly Triple[] => {
    const parsed = parseTurtle(turtle);
    if ('reason' in parsed) throw new Error(parsed.reason);
    return parsed.triples;
  };
  const context = readContext(read('gx.context.jsonld') || '{}');
  const classes = triplesOf(read('gx.owl.ttl')).filter(({ predicate, object }) => predicate.endsWith('#subClassOf') && object.kind === 'iri');
  const shapes = compileShapes([...triplesOf(read('gx.shacl.ttl')), ...triplesOf(ownShapes), ...classes]);
  const findings = (given: Survey, answers: Readonly<Record<string, string>>, change: (text: string) => string = (same) => same): string[] => {
    const asked = ask(given, answers);
    expect([...asked.faults, ...asked.missing]).toEqual([]);
    const triples = describe(asked.answers).flatMap(({ name, document }) => {
      const found = statementsIn(JSON.parse(change(JSON.stringify(document))), (address) => builtInContext(address) ?? context);
      if ('kind' in found) throw new Error(found.reason);
      expect(found.meaningless).toEqual([]);
      // nameless nodes of different documents are different nodes
      const own = <Any extends Term>(term: Any): Any => (term.kind === 'blank' ? { ...term, value: `${name}-${term.value}` } : term);
      return found.subjects.flatMap((each) => each.triples.map((triple) => ({ ...triple, subject: own(triple.subject), object: own(triple.object) })));
    });
    expect(triples.length).toBeGreaterThan(40);
    return shapes.validate(graphOf(triples)).map(({ focus, predicate, component, reason }) => `${focus.value} ${predicate} ${component} ${reason}`);
  };

  test('with the least that can be said, and with everything', () => {
    expect(findings(survey, needed)).toEqual([]);
    expect(findings(survey, everything)).toEqual([]);
  });
  test('with each kind of registration number', () => {
    for (const kind of registrationKinds) expect(findings(survey, { ...needed, registration: `${kind}:DE123456789` }), kind).toEqual([]);
  });
  test('of a cluster that says nothing of itself', () => {
    const said = { 'cpu.cores': '8', 'memory.gib': '32', pods: '110', arch: 'arm64', 'gpu.count': '0', 'liqo.version': '1.2.0', 'liqo.id': 'x', zones: 'a' };
    expect(findings(blind, { ...needed, ...said })).toEqual([]);
  });
  test('and what is wrong would be found', () => {
    expect(findings(survey, needed, (text) => text.replaceAll('"gx:countryCode":"DE"', '"gx:countryCode":"Germany"')).length).toBeGreaterThan(0);
    expect(findings(survey, needed, (text) => text.replace('gx:maintainedBy', 'gx:maintainBy')).length).toBeGreaterThan(0);
  });
});
