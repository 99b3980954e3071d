import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newIdentity, startMember, type Identity, type Member } from './apiServer.ts';
import { openDisk } from './disk.ts';
import { kindOf } from './kinds.ts';
import { openObjectLog } from './objectLog.ts';
import { strategicMerge } from './strategic.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'hanse-disk-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('what the simulator keeps', () => {
  it('is whole after many writes at once, the last one as it was, and no piece of a file is left', async () => {
    const disk = openDisk(folder);
    expect(disk.read('orders')).toBeUndefined();
    await Promise.all(Array.from({ length: 200 }, (_, n) => disk.write('orders', { n })));
    expect(openDisk(folder).read('orders')).toEqual({ n: 199 });
    expect(readdirSync(folder)).toEqual(['orders.json']);
  });

  const open = async (identity: Identity): Promise<Member> => startMember('po', { identity, log: await openObjectLog(join(folder, 'po.log')) });
  const configMap = kindOf('v1', 'ConfigMap');
  const where = { kind: configMap ?? never(), namespace: 'default', name: 'a' };

  it('gives a member its objects, versions, field owners and tokens again, whatever the last line was when it was killed', async () => {
    const identity = await newIdentity('po');
    const before = await open(identity);
    before.objects.ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
    before.objects.apply(where, { apiVersion: 'v1', kind: 'ConfigMap', data: { key: '1' } }, { manager: 'one' });
    const gone = before.objects.ensure({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'gone', namespace: 'default' } });
    before.objects.drop(gone);
    const { version } = before.objects;
    await before.objects.flushed();
    appendFileSync(join(folder, 'po.log'), '{"version":99,"key":"v1/conf'); // torn
    const after = await open(identity);
    expect(after.objects.version).toBe(version);
    expect(after.objects.get(where)).toEqual(before.objects.get(where));
    expect(after.objects.find('v1', 'ConfigMap', 'default', 'gone')).toBeUndefined();
    expect(after.access.who(before.adminToken)).toMatchObject({ user: 'admin' });
    expect(() => after.objects.apply(where, { data: { key: '2' } }, { manager: 'two' })).toThrow('conflict with "one": .data.key');
    expect(after.objects.oldest).toBe(version); // who watched is told 410
    await Promise.all([before.close(), after.close()]);
  });
});

describe('a strategic merge', () => {
  it('changes the element that it names, keeps the others, and takes out what it says', () => {
    const pod = {
      containers: [
        { name: 'web', image: 'web:1', ports: [80] },
        { name: 'log', image: 'log:1' },
      ],
      volumes: [{ name: 'a' }],
    };
    const patch = { containers: [{ name: 'web', image: 'web:2' }], volumes: [{ name: 'a', $patch: 'delete' }], '$setElementOrder/containers': [] };
    expect(strategicMerge(pod, patch)).toEqual({
      containers: [
        { name: 'web', image: 'web:2', ports: [80] },
        { name: 'log', image: 'log:1' },
      ],
      volumes: [],
    });
  });
});

function never(): never {
  throw new Error('there is no ConfigMap');
}
