import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Authority, newAuthority } from '../../../simulator/pki.ts';
import { readKubeconfig } from './kubeconfig.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const now = Date.parse('2026-11-22T12:00:00Z');
const jwt = (exp: number): string => `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.canary`;

let authority: Authority;
let other: Authority;
beforeAll(async () => {
  [authority, other] = await Promise.all([newAuthority('a'), newAuthority('b')]);
});

type Fields = Record<string, unknown>;
const certificateUser = (): Fields => ({ 'client-certificate-data': base64(authority.certPem), 'client-key-data': base64(authority.keyPem) });
const config = (cluster: Fields = {}, user: Fields = certificateUser(), more: Fields = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster: { server: 'https://8.8.8.8:6443', 'certificate-authority-data': base64(authority.caPem), ...cluster } }],
    users: [{ name: 'u', user }],
    ...more,
  });
const read = (text: string, allowed: readonly string[] = [], context?: string) =>
  readKubeconfig(text, { allowed, now, ...(context === undefined ? {} : { context }) });
const faults = (text: string, allowed: readonly string[] = []): string[] => {
  const outcome = read(text, allowed);
  return outcome.kind === 'accepted' ? [] : outcome.faults.map(({ message, place }) => `${place?.path ?? place?.line ?? ''}: ${message}`);
};

describe('a kubeconfig', () => {
  it('is turned into a record of our own', () => {
    expect(read(config())).toEqual({
      kind: 'accepted',
      access: {
        context: 'c',
        server: 'https://8.8.8.8:6443',
        ca: authority.caPem,
        tlsServerName: null,
        credential: { kind: 'certificate', cert: authority.certPem, key: authority.keyPem },
        expiresAt: expect.stringMatching(/^20/) as string,
      },
    });
  });

  it.each([
    ['a command', { exec: { command: 'sh', args: ['-c', 'id'] } }, 'users[0].user.exec'],
    ['a plug-in', { 'auth-provider': { name: 'gcp' } }, 'users[0].user.auth-provider'],
    ['a certificate in a file', { 'client-certificate': '/etc/passwd' }, 'users[0].user.client-certificate'],
    ['a key in a file', { 'client-key': '/etc/passwd' }, 'users[0].user.client-key'],
    ['a token in a file', { tokenFile: '/var/run/secrets/token' }, 'users[0].user.tokenFile'],
    ['a password', { username: 'a', password: 'b' }, 'users[0].user.password'],
    ['another identity', { as: 'admin' }, 'users[0].user.as'],
    ['other groups', { 'as-groups': ['system:masters'] }, 'users[0].user.as-groups'],
    ['a field nobody knows', { surprise: 1 }, 'users[0].user.surprise'],
  ])('with %s is rejected, at its place', (_what, user, place) => {
    expect(faults(config({}, { ...certificateUser(), ...user })).some((fault) => fault.startsWith(`${place}: `))).toBe(true);
  });

  it.each([
    ['unverified TLS', { 'insecure-skip-tls-verify': true }, 'insecure-skip-tls-verify'],
    ['unverified TLS as text', { 'insecure-skip-tls-verify': 'true' }, 'insecure-skip-tls-verify'],
    ['a proxy', { 'proxy-url': 'http://10.0.0.1:3128' }, 'proxy-url'],
    ['an authority in a file', { 'certificate-authority': '/etc/ssl/cert.pem' }, 'certificate-authority'],
    ['no authority', { 'certificate-authority-data': undefined }, 'certificate-authority-data'],
    ['plain HTTP', { server: 'http://8.8.8.8:6443' }, 'server'],
    ['a password in the address', { server: 'https://a:canary@8.8.8.8:6443' }, 'server'],
    ['a path', { server: 'https://8.8.8.8:6443/k8s/clusters/c-1' }, 'server'],
    ['a loopback address', { server: 'https://127.0.0.1:6443' }, 'server'],
    ['a loopback address in short', { server: 'https://127.1:6443' }, 'server'],
    ['a loopback address as a number', { server: 'https://2130706433:6443' }, 'server'],
    ['a loopback address in hexadecimal', { server: 'https://0x7f.0.0.1:6443' }, 'server'],
    ['a loopback address inside IPv6', { server: 'https://[::ffff:127.0.0.1]:6443' }, 'server'],
    ['the metadata service', { server: 'https://169.254.169.254' }, 'server'],
    ['a link-local address', { server: 'https://[fe80::1]:6443' }, 'server'],
    ['a private address', { server: 'https://10.0.0.1:6443' }, 'server'],
    ['no address', { server: '' }, 'server'],
  ])('with %s is rejected, at its place', (_what, cluster, field) => {
    const found = faults(config(cluster));
    expect(found.some((fault) => fault.startsWith(`clusters[0].cluster.${field}: `))).toBe(true);
    expect(found.join()).not.toContain('canary');
  });

  it('may lead to a private address that the configuration allows, and to loopback only by its exact entry', () => {
    const at = (server: string, ...allowed: readonly string[]): string => read(config({ server }), allowed).kind;
    expect(at('https://10.100.0.1:6443', '10.100.0.0/16')).toBe('accepted');
    expect(at('https://10.101.0.1:6443', '10.100.0.0/16')).toBe('rejected');
    expect(at('https://127.0.0.1:6443', '127.0.0.0/8')).toBe('rejected');
    expect(at('https://127.0.0.1:6443', '127.0.0.1:6443')).toBe('accepted');
    expect(at('https://127.0.0.1:6444', '127.0.0.1:6443')).toBe('rejected');
    expect(at('https://169.254.169.254:443', '169.254.0.0/16')).toBe('rejected');
  });

  it('with a credential that ends too early, or that does not belong together, is rejected', () => {
    expect(faults(config({}, { token: jwt(now / 1000 + 60) })).join()).toContain('too early');
    expect(faults(config({}, { token: jwt(now / 1000 + 3600) }))).toEqual([]);
    expect(faults(config({}, { ...certificateUser(), 'client-key-data': base64(other.keyPem) })).join()).toContain('not the key of the certificate');
    expect(faults(config({}, { ...certificateUser(), token: 'x' })).join()).toContain('a token and a certificate');
    expect(faults(config({}, {})).join()).toContain('neither a token nor an embedded certificate');
  });

  it('with several contexts asks which, and with two of one name refuses', () => {
    const contexts = [
      { name: 'one', context: { cluster: 'k', user: 'u' } },
      { name: 'two', context: { cluster: 'k', user: 'u' } },
    ];
    const several = config({}, certificateUser(), { contexts, 'current-context': undefined });
    expect(faults(several).join()).toContain('"one", "two"');
    expect(read(several, [], 'two').kind).toBe('accepted');
    expect(faults(config({}, certificateUser(), { contexts: [...contexts, contexts[0]], 'current-context': 'one' })).join()).toContain(
      'two entries named "one"',
    );
  });

  it.each([
    ['a bomb of aliases', `a: &a [x]\n${Array.from({ length: 20 }, (_, index) => `b${index}: *a`).join('\n')}`],
    ['a tag of a language', 'kind: !!js/function "function(){}"'],
    ['a duplicate key', 'kind: Config\nkind: Config'],
    ['two documents', 'kind: Config\n---\nkind: Config'],
    ['endless nesting', `a: ${'['.repeat(100_000)}`],
    ['too much', `a: ${'x'.repeat(300_000)}`],
    ['nothing', ''],
    ['something else', 'just text'],
  ])('that is %s is rejected', (_what, text) => {
    expect(read(text).kind).toBe('rejected');
  });

  it('names the line', () => {
    const text = `apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\nclusters: [{name: k, cluster: {}}]\nusers:\n- name: u\n  user:\n    exec: {command: sh}\n`;
    const outcome = read(text);
    expect(outcome.kind === 'rejected' && outcome.faults.find(({ place }) => place?.path === 'users[0].user.exec')?.place?.line).toBe(9);
  });

  it('is answered with a value, whatever it is', () => {
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('any'), { maxKeys: 4 }),
      ),
    })).any;
    const field = fc.constantFrom('contexts', 'clusters', 'users', 'current-context', 'kind', 'apiVersion');
    fc.assert(
      fc.property(field, value, (name, given) => {
        const outcome = read(config({}, certificateUser(), { [name]: given }));
        if (outcome.kind === 'rejected') for (const fault of outcome.faults) expect(fault.message).not.toBe('');
      }),
    );
    fc.assert(fc.property(fc.string({ maxLength: 400 }), (text) => read(text).kind === 'rejected'));
  });

  it('never repeats a secret in what it says', () => {
    const secret = fc.stringMatching(/^[a-z]{20}$/);
    fc.assert(
      fc.property(secret, fc.constantFrom('token', 'client-key-data', 'client-certificate-data', 'password', 'tokenFile', 'exec'), (text, name) => {
        const outcome = read(config({ server: `https://u:${text}@x.example` }, { [name]: text, as: text }));
        expect(JSON.stringify(outcome)).not.toContain(text);
      }),
    );
  });
});
