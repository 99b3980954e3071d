// A few kilobytes of brackets that were read twice ended the whole process: where one of these fails, the process of this file ends.
import { describe, expect, it } from 'vitest';
import { HanseError } from './errors.ts';
import { readDocument } from './clusters/kubeconfigDocument.ts';
import { readDeclarations } from './declarations/read.ts';
import { parsePolicy } from './placement/policy.ts';
import { readManifests } from './workloads/deployment/readManifests.ts';
import { isTooDeep } from './yamlDepth.ts';

const refusedPolicy = (text: string): unknown => {
  try {
    return parsePolicy(text, 'a.yaml');
  } catch (error) {
    return error;
  }
};
const readers: readonly (readonly [string, (text: string) => void])[] = [
  ['manifests', (text) => expect(readManifests([{ file: 'a.yaml', text }])).toMatchObject({ manifests: [], faults: [{ place: { file: 'a.yaml' } }] })],
  ['declarations', (text) => expect(readDeclarations([{ file: 'a.yaml', text }])).toMatchObject({ declared: [], faults: [{ place: { file: 'a.yaml' } }] })],
  ['a policy', (text) => expect(refusedPolicy(text)).toBeInstanceOf(HanseError)],
  ['a kubeconfig', (text) => expect(readDocument(text)).toMatchObject({ kind: 'rejected' })],
];

describe.each(readers)('%s', (_, refuse) => {
  it.each(['[', '- ', '? ', '[{', '["', '{a: ', '- ? '])('nested by %j are refused, however often they come', (level) => {
    for (let times = 0; times < 3; times += 1) refuse(level.repeat(8_000));
  });
});

it('takes what is nested as deeply as people nest, in each form, and brackets within texts', () => {
  const indented = Array.from({ length: 60 }, (_, depth) => `${'  '.repeat(depth)}a:`).join('\n');
  for (const text of [indented, `${'['.repeat(60)}${']'.repeat(60)}`, '- '.repeat(60), `a: "${'['.repeat(500)}"`, `a: |\n  ${'{'.repeat(500)}\n`])
    expect(isTooDeep(text)).toBe(false);
});
