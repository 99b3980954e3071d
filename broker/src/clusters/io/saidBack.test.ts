// What was handed in as a secret stands in no sentence, also where somebody says it back.
import { expect, it } from 'vitest';
import { answered } from './kubernetes/failure.ts';
import { readBase } from './managers/http.ts';

const what = { cluster: 'pa', verb: 'get', object: '/version', secret: false };

it('a cluster that says back the token that it was sent puts it into no error', () => {
  const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmVkLWNhbmFyeQ';
  for (const message of ['you sent Bearer the-canary-token', 'authorization: bearer  the-canary-token', `token=${jwt}`, `"${jwt}"`]) {
    const error = answered(what, 403, { reason: 'Forbidden', message: `${message} and have no right` });
    expect(error.message).toMatch(/403: Forbidden: .*have no right/);
    expect(error.message).not.toMatch(/canary|eyJ|c2lnbmVk/);
  }
});

it('an address with a password or a token in it is refused without them', () => {
  for (const url of [
    'https://u:the-canary@rancher.example',
    'https://rancher.example/?token=the-canary',
    'https://rancher.example/#the-canary',
    'rancher?the-canary',
  ])
    expect(() => readBase(url, `Rancher at ${url}`, [])).toThrow(/^The address of Rancher at (?!.*canary)/);
});
