import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { didWebAddress, didWebHost } from './did.ts';
import { fetchText } from '../io/fetchText.ts';

test('finds the document of a did:web where the method says', () => {
  expect(didWebAddress('did:web:csp.example')).toBe('https://csp.example/.well-known/did.json');
  expect(didWebAddress('did:web:csp.example%3A8443:a:b')).toBe('https://csp.example:8443/a/b/did.json');
  expect(didWebHost('did:web:csp.example%3A8443:a:b')).toBe('csp.example');
});

describe('is no did:web that is turned into an address', () => {
  test.each([
    'did:key:z6Mk',
    'did:web:',
    'did:web:a/b',
    'did:web:a:..',
    'did:web:a:.',
    'did:web:a::b',
    'did:web:a@b',
    'did:web:user%40evil.example',
    'did:web:a%2Fb',
    'did:web:a:%2e%2e',
    'did:web:a:%2E%2E',
    'did:web:a:b%2Fc',
    'did:web:a:b%5Cc',
    'did:web:a:b%3Fc',
    'did:web:a:b%00',
    'did:web:a?b',
    'did:web:a#b',
    'did:web:a..b',
    'did:web:.a',
    'did:web:-a',
    'did:web:a%3A',
    'did:web:a%3A999999',
    'did:web:a%3A65536',
    'did:web:a%3A0',
    'did:web:a%3A8443%3A1',
    // a full-width full stop, a Cyrillic a, a zero-width space, right-to-left: names that look like others
    'did:web:csp．example',
    'did:web:csp.ex\u0430mple',
    'did:web:csp\u200b.example',
    'did:web:csp.example\u202e',
    // no address of any machine, and no name either
    'did:web:a.80',
    'did:web:256.1.1.1',
    'did:web:1.2.3',
    'did:web:08.0.0.1%3A8443',
    'did:web:[::1]',
    'did:web:%5B%3A%3A1%5D',
    `did:web:${'a'.repeat(2000)}.example`,
  ])('%j', (did) => expect(didWebAddress(did)).toBeNull());
});

test('whatever stands in a did:web, its address has that host, no credentials and no way out of its path', () => {
  const pieces = fc.constantFrom('a', 'b.example', '..', '.', '%2e', '%2F', '%3A', '80', ':', '/', '\\', '@', '?', '#', '\u3002', 'é', ' ', '[', ']', '1', '-');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const did = `did:web:${parts.join('')}`;
      const address = didWebAddress(did);
      if (address === null) return;
      const url = new URL(address);
      expect(url).toMatchObject({ protocol: 'https:', username: '', password: '', search: '', hash: '' });
      expect(url.pathname.endsWith('/did.json')).toBe(true);
      expect(url.pathname.split('/')).toHaveLength(did.slice(8).includes(':') ? did.slice(8).split(':').length + 1 : 3);
      // numbers are addresses in another spelling, which fetching refuses
      if (/[a-z]/.test(didWebHost(did) ?? '')) expect(url.hostname).toBe(didWebHost(did));
    }),
    { numRuns: 3000, seed: 6 },
  );
});

describe('never asks this machine or what lies inside, however a DID spells it', () => {
  test.each([
    'did:web:127.0.0.1',
    'did:web:127.0.0.1%3A8443',
    'did:web:localhost',
    'did:web:169.254.169.254',
    'did:web:10.0.0.1',
    'did:web:192.168.1.1:a',
    'did:web:2130706433',
    'did:web:0x7f000001',
    'did:web:0177.0.0.1',
    'did:web:127.1',
    'did:web:0',
  ])('%s', async (did) => {
    const address = didWebAddress(did);
    expect(await fetchText(address ?? '', { allowed: [], bytesMax: 1000 })).toHaveProperty('failure');
  });
  test.each(['https://[::1]/', 'https://[::ffff:127.0.0.1]/', 'https://[fe80::1]/', 'https://[fd00::1]/', 'https://[::ffff:a9fe:a9fe]/'])(
    '%s',
    async (address) => {
      expect(await fetchText(address, { allowed: [], bytesMax: 1000 })).toHaveProperty('failure');
    },
  );
});
