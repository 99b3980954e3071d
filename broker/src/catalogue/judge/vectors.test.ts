// The JOSE part of the W3C's VC-JOSE-COSE test suite, where its files are present. Its documents are examples of the W3C: the profile and vocabularies of
// Gaia-X are not asked of them, nor are their status and chains.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { isReliable, judge, policyOf, publicJwk } from '../index.ts';

const vectors = join(import.meta.dirname, '../../../../../shared/data/vc-jose-cose');
const present = existsSync(join(vectors, 'expected.json'));
if (!present) process.stderr.write(`The vectors of the W3C's VC-JOSE-COSE suite are not at ${vectors}: skipped.\n`);

describe.skipIf(!present)('answers as the W3C VC-JOSE-COSE vectors expect', () => {
  const entry = z.object({
    number: z.number(),
    what: z.enum(['verify', 'issue']),
    input: z.string(),
    key: z.string(),
    expected: z.enum(['success', 'failure']),
  });
  const method = z.object({ controller: z.string(), publicKeyJwk: publicJwk });
  const read = (file: string): string => readFileSync(join(vectors, file), 'utf8').trim();
  const cases = present
    ? z
        .array(entry)
        .parse(JSON.parse(read('expected.json')))
        .filter(({ what }) => what === 'verify')
    : [];
  // a presentation holds credentials of the same example issuer, each by a key of its own
  const keysOf = (controller: string): z.infer<typeof publicJwk>[] =>
    ['vm-p256.json', 'vm-p384.json', 'vm-p521.json', 'vm-ed25519.json'].flatMap((file) => {
      const { controller: other, publicKeyJwk } = method.parse(JSON.parse(read(file)));
      return other === controller ? [publicKeyJwk] : [];
    });

  test('has eleven of them', () => expect(cases).toHaveLength(11));
  test.each(cases)('$number $input', ({ input, key, expected }) => {
    const { controller, publicKeyJwk } = method.parse(JSON.parse(read(key)));
    const isPresentation = input.startsWith('presentation');
    const keys = isPresentation ? [publicKeyJwk, ...keysOf(controller)] : [publicKeyJwk];
    const policy = policyOf({
      issuers: [{ id: controller, roles: [], keys }],
      // one of them holds an SD-JWT and a COSE credential too, which are not read
      requires: { profile: 'nothing', context: 'notFailed', contents: 'notFailed', validity: isPresentation ? 'nothing' : 'passed' },
    });
    const judgement = judge(read(input), new Map(), policy, '2024-12-16T00:00:00Z');
    const told = judgement.checks.filter(({ blocks }) => blocks).map(({ name, result, reason }) => `${name} ${result}: ${reason}`);
    expect(isReliable(judgement) ? 'success' : 'failure', told.join('\n')).toBe(expected);
  });
});
