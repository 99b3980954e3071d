import { createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { aLeaf, anAuthority } from '../../../test/fixtures/certificates.ts';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../test/fixtures/issueCredentials.ts';
import { policyOf } from './index.ts';
import type { Evidence, Found } from './index.ts';
import { provenanceOf } from './provenance.ts';

const now = '2026-11-22T08:00:00Z';
const issuer = anIssuer('did:web:csp.example');
const x5u = 'https://csp.example/chain.pem';
const received = signJwt(
  issuer,
  aHeader(issuer),
  aPayload(issuer, { from: '2026-11-01T00:00:00Z', until: '2027-06-01T00:00:00Z' }, 'https://csp.example/vc', [{ id: 'https://csp.example/vc#cs' }]),
);
const document = 'https://csp.example/.well-known/did.json';
const documentOf = (more: object): Found => ({
  text: JSON.stringify({
    id: issuer.id,
    verificationMethod: [{ id: issuer.kid, controller: issuer.id, publicKeyJwk: { ...issuer.jwk, ...more } }],
    assertionMethod: [issuer.kid],
  }),
  fetchedAt: now,
});

test('names the issuer, its key and every certificate up to the anchor, whether the chain holds it or the configuration alone', async () => {
  const root = await anAuthority('root');
  const middle = await anAuthority('middle', root);
  const leaf = await aLeaf(createPublicKey(issuer.privateKey), middle, { until: '2027-01-15T00:00:00Z' });
  for (const rest of [`${middle.pem}\n${root.pem}`, middle.pem]) {
    const evidence: Evidence = new Map([
      [document, documentOf({ x5u })],
      [x5u, { text: `${leaf}\n${rest}`, fetchedAt: now }],
    ]);
    const found = provenanceOf(received, evidence, policyOf({ anchors: [root.pem] }));
    expect(found).toMatchObject({ issuer: issuer.id, document, chain: x5u, key: { id: issuer.kid, kind: 'EC P-256', algorithm: 'ES256' } });
    expect(found?.certificates.map(({ subject, isAnchor }) => [subject, isAnchor])).toEqual([
      ['csp.example', false],
      ['middle', false],
      ['root', true],
    ]);
    expect(found?.certificates[0]).toMatchObject({ issuer: 'middle', until: '2027-01-15T00:00:00.000Z' });
    expect(provenanceOf(received, evidence, policyOf({}))?.certificates.some(({ isAnchor }) => isAnchor)).toBe(false);
  }
});

test('shows a key that the configuration has without certificates, and nobody where nothing can be read', () => {
  const configured = policyOf({ issuers: [{ id: issuer.id, roles: [], keys: [issuer.jwk] }] });
  expect(provenanceOf(received, new Map(), configured)).toMatchObject({ document: null, key: { kind: 'EC P-256' }, chain: null, certificates: [] });
  expect(provenanceOf(received, new Map(), policyOf({}))).toMatchObject({ document, key: null, certificates: [] });
  expect(provenanceOf('nothing', new Map(), policyOf({}))).toBeNull();
});
