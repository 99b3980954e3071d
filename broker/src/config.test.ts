import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './config.ts';
import type { ConfigSources, Parsed } from './config.ts';

const parse = (more: Partial<ConfigSources> = {}): Parsed => parseConfig({ env: {}, isRoot: false, home: '/home/anna', ...more });
const file = (text: string): Partial<ConfigSources> => ({ file: { name: 'hanse.yaml', text } });

describe('the configuration', () => {
  it('keeps keys outside the data directory by default, as root and not', () => {
    expect(parse({ isRoot: true }).config).toMatchObject({ dataDir: '/var/lib/hanse', configDir: '/etc/hanse' });
    expect(parse().config).toMatchObject({ dataDir: '/home/anna/.local/share/hanse', configDir: '/home/anna/.config/hanse' });
    expect(parse({ env: { XDG_DATA_HOME: '/x/data', XDG_CONFIG_HOME: '/x/config' } }).config).toMatchObject({
      dataDir: '/x/data/hanse',
      configDir: '/x/config/hanse',
    });
  });

  it('listens on loopback unless the file says otherwise', () => {
    expect(parse().config?.listen).toEqual({ host: '127.0.0.1', port: 7480 });
    expect(parse(file('listen: { host: 0.0.0.0 }')).config?.listen).toEqual({ host: '0.0.0.0', port: 7480 });
  });

  it('takes the environment before the file', () => {
    const sources = { ...file('dataDir: /from/file\nlisten: { host: "::1", port: 1 }'), env: { HANSE_DATA_DIR: '/from/env', HANSE_PORT: '8000' } };
    expect(parse(sources).config).toMatchObject({ dataDir: '/from/env', listen: { host: '::1', port: 8000 } });
  });

  it('refuses keys inside the data directory', () => {
    expect(parse({ env: { HANSE_DATA_DIR: '/srv', HANSE_CONFIG_DIR: '/srv/keys' } }).faults?.[0]?.message).toContain('/srv/keys is inside');
  });

  it('names the line of every fault at once', () => {
    const { faults } = parse(file('leaseSeconds: 40\nallowedAddresses:\n  - 10.0.0.1:6443\n  - 10.0.0.0/33\nunknown: 1\nprobe:\n  image: 3\n'));
    expect(faults?.map(({ place }) => [place?.path, place?.line])).toEqual([
      ['allowedAddresses.1', 4],
      ['probe.image', 7],
      ['', 1],
    ]);
    expect(faults?.[2]?.message).toContain('unknown');
  });

  it('takes folders, addresses and services as sources of credentials, and says what is wrong with one', () => {
    const good = 'credentials:\n  sources:\n    - /etc/hanse/offers\n    - { ces: https://ces.example/v2/ }\n    - { did: did:web:csp.example }\n';
    expect(parse(file(good)).config?.credentials.sources).toEqual([
      '/etc/hanse/offers',
      { kind: 'ces', at: 'https://ces.example/v2' },
      { kind: 'did', at: 'did:web:csp.example' },
    ]);
    const bad =
      'credentials:\n  sources:\n    - { ces: http://ces.example }\n    - { xfsc: https://a.example, hanse: https://b.example }\n    - { did: did:key:z6 }\n    - 7\n';
    expect(parse(file(bad)).faults?.map(({ message, place }) => [message, place?.line])).toEqual([
      ['credentials.sources.0.ces: must begin with https:// and have no query', 3],
      ['credentials.sources.1: must be a folder, an https address, or exactly one of ces, xfsc, did, hanse', 4],
      ['credentials.sources.2.did: must be did:web', 5],
      ['credentials.sources.3: Invalid input: expected object, received number', 6],
    ]);
  });

  it('never quotes a database URL, which may hold a password', () => {
    expect(JSON.stringify(parse({ env: { HANSE_DATABASE_URL: 'mysql://anna:secret@db' } }).faults)).not.toContain('secret');
    expect(JSON.stringify(parse(file('databaseUrl: mysql://anna:secret@db')).faults)).not.toContain('secret');
  });

  it.each(['10.100.0.0/24', 'api.example.org:6443', '10.100.0.1:6443', '[fd00::1]:6443', 'fd00::/8'])('allows %s as an address', (address) => {
    expect(parse(file(JSON.stringify({ allowedAddresses: [address] }))).config?.allowedAddresses).toEqual([address]);
  });

  it.each(['10.100.0.0', '*:80', '10.0.0.1:0', '10.0.0.1:70000', '::1:80', 'a b:80', '/24', ''])('refuses %j as an address', (address) => {
    expect(parse(file(JSON.stringify({ allowedAddresses: [address] }))).faults).toHaveLength(1);
  });

  it('answers any text with a value or with faults that say where', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.stringMatching(/^[a-z:{}&*[!|> \n'"\]-]{0,60}$/)), (text) => {
        const { config, faults } = parse(file(text));
        if (config) return;
        expect(faults.length).toBeGreaterThan(0);
        for (const fault of faults) expect(fault.place?.file).toBe('hanse.yaml');
      }),
    );
  });

  it('is not blown up by aliases', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]`;
    expect(parse(file(bomb)).faults?.length).toBeGreaterThan(0);
  });
});
