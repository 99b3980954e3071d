import { expect, test } from 'vitest';
import { aHeader, anIssuer, aPayload, issueDemoCredentials, signJwt } from '../../../test/fixtures/issueCredentials.ts';
import { judge, offeringsOf, policyOf } from './index.ts';
import { sha256Hex } from './judge/pure-crypto.ts';
import { tiesOf } from './words.ts';

const at = Date.parse('2026-11-22T08:00:00Z');

/** What a credential asks for, and what that asks for. */
function needed(digest: string, ties: ReadonlyMap<string, ReturnType<typeof tiesOf>>): ReadonlySet<string> {
  const found = new Set([digest]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    const asks = new Set([...found].flatMap((each) => ties.get(each)?.asks ?? []));
    for (const [other, { tells }] of ties) if (tells.some((word) => asks.has(word))) found.add(other);
  }
  return found;
}

test('judged with what it asks for and nothing else, each says the same as judged with everything', () => {
  const { files, issuers } = issueDemoCredentials(at);
  const policy = policyOf({ issuers });
  const made = (texts: readonly string[]) =>
    offeringsOf(
      texts.map((text) => judge(text, new Map(), policy, new Date(at).toISOString())),
      policy,
    );
  const texts = new Map(Object.values(files).map((text) => [sha256Hex(text), text]));
  const ties = new Map([...texts].map(([digest, text]) => [digest, tiesOf(text, policy)]));
  const whole = made([...texts.values()]);
  expect(whole.offerings.length).toBeGreaterThan(1);
  for (const [digest, text] of texts) {
    const with_ = needed(digest, ties);
    expect(with_.size).toBeLessThan(texts.size);
    const own = made([...with_].flatMap((each) => texts.get(each) ?? []));
    const roots = own.offerings.filter((_, index) => own.grounds[index]?.root === digest);
    expect(roots).toEqual(whole.offerings.filter((_, index) => whole.grounds[index]?.root === digest));
    expect(own.judgements.find((each) => each.digest === sha256Hex(text))).toEqual(whole.judgements.find((each) => each.digest === sha256Hex(text)));
  }
});

test('a stranger who speaks of somebody’s things is asked for by nobody, and one who is trusted to is', () => {
  const [victim, stranger] = [anIssuer('did:web:victim.example'), anIssuer('did:web:stranger.example')];
  const validity = { from: '2026-11-01T00:00:00Z', until: '2027-01-01T00:00:00Z' };
  const own = signJwt(victim, aHeader(victim), aPayload(victim, validity, 'urn:vc', [{ id: 'urn:dc', 'hanse:hostedOn': { id: 'urn:place' } }]));
  const about = signJwt(
    stranger,
    aHeader(stranger),
    aPayload(stranger, validity, 'urn:other', [
      {
        id: 'urn:dc',
        type: 'hanse:FederableCluster',
        'hanse:forOffering': { id: 'urn:dc' },
        'hanse:certifies': { id: 'urn:place' },
        'hanse:liqoClusterId': 'pa',
      },
    ]),
  );
  const meets = (issuers: Parameters<typeof tiesOf>[1]['issuers']): boolean => {
    const { asks } = tiesOf(own, { issuers });
    return tiesOf(about, { issuers }).tells.some((word) => asks.includes(word));
  };
  expect(meets([])).toBe(false);
  expect(meets([{ id: 'did:web:stranger.example', roles: ['notary'], keys: [] }])).toBe(true);
});
