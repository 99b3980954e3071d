import { createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { aLeaf, anAuthority } from '../../../../test/fixtures/certificates.ts';
import type { Authority, Shape } from '../../../../test/fixtures/certificates.ts';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../../test/fixtures/issueCredentials.ts';
import { chainText, registryQuestion } from './evidence.ts';
import { certificatesIn, judge, policyOf } from '../index.ts';
import type { Check, Found, Judgement, Policy } from '../index.ts';

const now = '2026-11-22T08:00:00Z';
const issuer = anIssuer('did:web:csp.example');
const other = anIssuer('did:web:csp.example');
const x5u = 'https://csp.example/chain.pem';
const publicKey = createPublicKey(issuer.privateKey);
const received = signJwt(
  issuer,
  aHeader(issuer),
  aPayload(issuer, { from: '2026-11-01T00:00:00Z', until: '2027-06-01T00:00:00Z' }, 'https://csp.example/vc', [{ id: 'https://csp.example/vc#cs' }]),
);

let root: Authority;
let middle: Authority;
beforeAll(async () => {
  root = await anAuthority('root');
  middle = await anAuthority('middle', root);
});

const documentOf = (more: object): Found => ({
  text: JSON.stringify({
    id: issuer.id,
    verificationMethod: [{ id: issuer.kid, controller: issuer.id, publicKeyJwk: { ...issuer.jwk, ...more } }],
    assertionMethod: [issuer.kid],
  }),
  fetchedAt: now,
});
/** `asked`: of what the registry answered; of this chain, unless it is told. */
type Given = { readonly chain: string; readonly policy?: Partial<Policy>; readonly registry?: Found; readonly asked?: string };
const certificates = (chain: string): readonly string[] => {
  const found = certificatesIn(chain);
  return 'reason' in found ? [] : found;
};
const judged = ({ chain, policy = {}, registry, asked = chain }: Given): Judgement =>
  judge(
    received,
    new Map<string, Found>([
      ['https://csp.example/.well-known/did.json', documentOf({ x5u })],
      [x5u, { text: chain, fetchedAt: now }],
      ...(registry === undefined ? [] : [[registryQuestion('https://registry.example', certificates(asked)), registry] as const]),
    ]),
    policyOf({ anchors: [root.pem], ...policy }),
    now,
  );
const chainOf = (given: Given): Check | undefined => judged(given).checks.find(({ name }) => name === 'chain');
const leaf = (shape?: Shape, by: Authority = middle): Promise<string> => aLeaf(publicKey, by, shape);

test('follows a chain to an anchor, in whatever order its authorities come, and ends with the first certificate that ends', async () => {
  const short = await leaf({ until: '2027-01-15T00:00:00Z' });
  for (const rest of [`${middle.pem}\n${root.pem}`, `${root.pem}\n${middle.pem}`, middle.pem]) {
    const judgement = judged({ chain: `${short}\n${rest}` });
    expect(judgement.checks.find(({ name }) => name === 'chain')).toMatchObject({
      result: 'passed',
      reason: expect.stringContaining('csp.example ← middle ← root'),
    });
    expect(judgement.validUntil).toBe('2027-01-15T00:00:00.000Z');
  }
});

describe('refuses a chain', () => {
  const ofMiddle = async (shape: Shape): Promise<string> => {
    const wrong = await anAuthority('wrong', root, shape);
    return `${await leaf({}, wrong)}\n${wrong.pem}\n${root.pem}`;
  };
  const wrongs: readonly (readonly [string, () => Promise<string>, RegExp])[] = [
    ['for another key', async () => `${await aLeaf(createPublicKey(other.privateKey), middle)}\n${middle.pem}`, /not for the key/],
    ['for another host', async () => `${await leaf({ hosts: ['evil.example'] })}\n${middle.pem}`, /not for csp\.example/],
    ['whose leaf has ended', async () => `${await leaf({ until: '2026-11-21T00:00:00Z' })}\n${middle.pem}`, /ended 2026-11-21/],
    ['whose leaf does not count yet', async () => `${await leaf({ from: '2026-12-01T00:00:00Z' })}\n${middle.pem}`, /valid from 2026-12-01/],
    ['whose leaf may not sign', async () => `${await leaf({ keyUsage: 4 })}\n${middle.pem}`, /leaves out signatures/],
    ['whose authority has ended', () => ofMiddle({ until: '2026-11-21T00:00:00Z' }), /wrong ended/],
    ['over a certificate that is no authority', () => ofMiddle({ isAuthority: false, keyUsage: 4 }), /wrong is not an authority/],
    ['over an authority that may not sign certificates', () => ofMiddle({ keyUsage: 1 }), /leaves out signing certificates/],
    ['with a critical extension that nobody knows', () => ofMiddle({ strange: true }), /critical extension/],
    ['without the certificate in the middle', () => leaf(), /middle.* is missing/],
    ['that is no PEM', async () => '<html>', /no certificate/],
    ['of fifty certificates', async () => `${await leaf()}\n${Array.from({ length: 50 }, () => middle.pem).join('\n')}`, /more than 10/],
    ['with rubbish in a certificate', async () => (await leaf()).replace(/\n[A-Za-z0-9+/]{64}\n/, '\nAAAA\n'), /cannot be read/],
  ];
  test.each(wrongs)('%s', async (_, chain, reason) => {
    expect(chainOf({ chain: await chain() })).toMatchObject({ result: 'failed', blocks: true, reason: expect.stringMatching(reason) });
  });

  test('deeper than an authority on it allows', async () => {
    const narrow = await anAuthority('narrow', root, { pathLength: 0 });
    const below = await anAuthority('below', narrow);
    expect(chainOf({ chain: `${await leaf({}, below)}\n${below.pem}\n${narrow.pem}` })).toMatchObject({
      result: 'failed',
      reason: expect.stringContaining('narrow allows 0'),
    });
    expect(chainOf({ chain: `${await leaf({}, narrow)}\n${narrow.pem}` })).toMatchObject({ result: 'passed' });
  });

  test('that ends in somebody else, and does not know where no anchors are configured', async () => {
    const stranger = await anAuthority('stranger');
    const chain = `${await leaf({}, stranger)}\n${stranger.pem}`;
    expect(chainOf({ chain })).toMatchObject({ result: 'failed', reason: expect.stringContaining('no trust anchor') });
    expect(chainOf({ chain, policy: { anchors: [] } })).toMatchObject({ result: 'unknown', blocks: false });
    expect(chainOf({ chain, policy: { anchors: [], requires: { chain: 'passed' } } })).toMatchObject({ result: 'unknown', blocks: true });
  });

  const extended = '2.23.140.1.1';
  const policy = { certificatePolicies: [extended] };
  const under = async (...policies: readonly string[]): Promise<string> => {
    const authority = await anAuthority('between', root, { policies });
    return `${await leaf({ policies: [extended] }, authority)}\n${authority.pem}`;
  };

  test('that is under none of the policies that are asked for', async () => {
    expect(chainOf({ chain: `${await leaf()}\n${middle.pem}`, policy })).toMatchObject({ result: 'failed' });
    expect(chainOf({ chain: await under(extended), policy })).toMatchObject({ result: 'passed' });
  });

  test('whose authority may not issue under that policy, whatever the leaf says of itself', async () => {
    expect(chainOf({ chain: await under('1.2.3.4'), policy })).toMatchObject({
      result: 'failed',
      reason: expect.stringContaining('between may not issue under'),
    });
    expect(chainOf({ chain: await under(), policy })).toMatchObject({ result: 'failed' });
    expect(chainOf({ chain: await under('2.5.29.32.0'), policy })).toMatchObject({ result: 'passed' });
  });

  test.each(['2.5.29.30', '2.5.29.33', '2.5.29.54'])('over an authority with limits of its own (%s), critical or not', async (limit) => {
    const narrow = await anAuthority('narrow', root, { limit });
    expect(chainOf({ chain: `${await leaf({}, narrow)}\n${narrow.pem}` })).toMatchObject({
      result: 'failed',
      reason: expect.stringContaining('within limits'),
    });
  });

  test('over an authority that asks for a policy (policy constraints), where leaf and authority have none in common', async () => {
    const strict = await anAuthority('strict', root, { limit: '2.5.29.36', policies: ['1.2.3.4'] });
    const chain = async (...policies: readonly string[]): Promise<string> => `${await leaf({ policies }, strict)}\n${strict.pem}`;
    expect(chainOf({ chain: await chain() })).toMatchObject({ result: 'failed' });
    expect(chainOf({ chain: await chain('1.2.3.5') })).toMatchObject({ result: 'failed' });
    expect(chainOf({ chain: await chain('1.2.3.4') })).toMatchObject({ result: 'passed' });
  });

  test('for a part of a name: a star stands for one whole label (RFC 9525)', async () => {
    expect(chainOf({ chain: `${await leaf({ hosts: ['c*.example'] })}\n${middle.pem}` })).toMatchObject({ result: 'failed' });
  });
});

test('takes the word of a registry for a root that is not configured, and its refusal; what it did not answer is unknown', async () => {
  const stranger = await anAuthority('stranger');
  const chain = `${await leaf({}, stranger)}\n${stranger.pem}`;
  const policy = { registries: ['https://registry.example'] };
  const answer = (body: object): Found => ({ text: JSON.stringify(body), fetchedAt: now });
  expect(chainOf({ chain, policy, registry: answer({ result: true }) })).toMatchObject({ result: 'passed' });
  expect(chainOf({ chain, policy, registry: answer({ statusCode: 409, message: 'Root certificate is not self-signed' }) })).toMatchObject({
    result: 'failed',
    reason: expect.stringContaining('Root certificate is not self-signed'),
  });
  expect(chainOf({ chain, policy, registry: { failure: 'it timed out' } })).toMatchObject({ result: 'unknown' });
  // its yes does not make a certificate that has ended one that counts
  const ended = `${await leaf({ until: '2026-11-21T00:00:00Z' }, stranger)}\n${stranger.pem}`;
  expect(chainOf({ chain: ended, policy, registry: answer({ result: true }) })).toMatchObject({ result: 'failed' });
});

test('a registry answers for what it was sent and for nothing else: not for a chain that others are served, nor for a root beside one that it knows', async () => {
  const policy = { registries: ['https://registry.example'], anchors: [] };
  const yes: Found = { text: '{"result":true}', fetchedAt: now };
  const stranger = await anAuthority('stranger');
  const own = `${await leaf({}, stranger)}\n${stranger.pem}`;
  const known = `${await leaf({})}\n${middle.pem}\n${root.pem}`;
  expect(chainOf({ chain: known, policy, registry: yes })).toMatchObject({ result: 'passed' });
  expect(chainOf({ chain: own, asked: known, policy, registry: yes })).toMatchObject({ result: 'unknown' });
  for (const beside of [`${own}\n${root.pem}`, `${own}\n${middle.pem}\n${root.pem}`])
    expect(chainOf({ chain: beside, policy, registry: yes })?.result).not.toBe('passed');
});

test('a registry is sent one certificate for each of a chain, whatever a stranger puts into an x5c', async () => {
  const bare = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  expect(bare(chainText([bare(middle.pem), bare(root.pem)]))).toBe(bare(`${middle.pem}${root.pem}`));
  expect(chainText(certificates(middle.pem))).toBe(middle.pem.trim());
  for (const two of [`${middle.pem}\n${root.pem}`, `${bare(middle.pem)}\n-----END CERTIFICATE-----\n${root.pem}`])
    expect(chainText([two]).split('-----BEGIN CERTIFICATE-----')).toHaveLength(2);
});

test('a leaf without a name is judged like any other: its host is what counts', async () => {
  expect(chainOf({ chain: `${await leaf({ subject: null })}\n${middle.pem}` })).toMatchObject({ result: 'passed' });
  expect(chainOf({ chain: await leaf({ subject: null }) })).toMatchObject({ result: 'failed', reason: expect.stringContaining('is missing') });
});

test('another host is let through where the configuration says so', async () => {
  const chain = `${await leaf({ hosts: ['other.example'] })}\n${middle.pem}`;
  expect(chainOf({ chain, policy: { certificateHost: 'any' } })).toMatchObject({ result: 'passed' });
});

test('a chain that stands in the key itself (x5c) is judged the same, and nothing is fetched for it', async () => {
  const bare = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  const withChain = async (...chain: readonly string[]): Promise<Check | undefined> =>
    judge(
      received,
      new Map([['https://csp.example/.well-known/did.json', documentOf({ x5c: chain.map(bare) })]]),
      policyOf({ anchors: [root.pem] }),
      now,
    ).checks.find(({ name }) => name === 'chain');
  expect(await withChain(await leaf(), middle.pem)).toMatchObject({ result: 'passed' });
  expect(await withChain(middle.pem, await leaf())).toMatchObject({ result: 'failed', reason: expect.stringContaining('not for the key') });
});

test('cross-signed authorities are climbed on the way that leads to an anchor', async () => {
  const old = await anAuthority('root two', null, { until: '2026-10-01T00:00:00Z' });
  const chain = `${await leaf()}\n${middle.pem}\n${old.pem}\n${root.pem}`;
  expect(chainOf({ chain })).toMatchObject({ result: 'passed' });
});

test('any bytes for a chain are judged without a crash', async () => {
  const good = `${await leaf()}\n${middle.pem}`;
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.string({ maxLength: 4 }), (at, put) => {
      const chain = good.slice(0, at) + put + good.slice(at + put.length);
      expect(['passed', 'failed', 'unknown']).toContain(chainOf({ chain })?.result);
    }),
    { numRuns: 150, seed: 4 },
  );
});
