// kubectl itself against a simulated API server, as a person uses it. Where there is no kubectl (in the PATH, or named by KUBECTL) nothing of this is tried.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../../simulator/world.ts';

const kubectl = process.env['KUBECTL'] ?? 'kubectl';
const hasKubectl = ((): boolean => {
  try {
    execFileSync(kubectl, ['version', '--client'], { stdio: 'ignore', timeout: 30_000 });
    return true;
  } catch {
    console.log(`skipped: there is no ${kubectl} that runs (set KUBECTL to its path)`);
    return false;
  }
})();
const shop = join(import.meta.dirname, '../../examples/shop/shop.yaml');

describe.skipIf(!hasKubectl)('kubectl on the simulator', { timeout: 120_000 }, () => {
  let world: World;
  let folder: string;
  beforeAll(async () => {
    world = await startWorld([{ name: 'home' }]);
    folder = mkdtempSync(join(tmpdir(), 'hanse-kubectl-'));
    writeFileSync(join(folder, 'config'), world.member('home').kubeconfig());
  }, 60_000);
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (...words: readonly string[]): Promise<{ readonly exit: number | null; readonly out: string; readonly err: string }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: join(folder, 'config') };
      const child = execFile(kubectl, words, { env, timeout: 60_000 }, (_error, out, err) => resolve({ exit: child.exitCode, out, err }));
      child.stdin?.end();
    });
  const said = async (...words: readonly string[]): Promise<string> => {
    const { exit, out, err } = await run(...words);
    expect({ exit, err: exit === 0 ? '' : err }).toEqual({ exit: 0, err: '' });
    return out;
  };
  const columns = (table: string): string[] => (table.split('\n')[0] ?? '').split(/ {2,}|\t/).map((title) => title.trim());

  it('makes a namespace, a ConfigMap and a Secret', async () => {
    expect(await said('create', 'namespace', 'shop')).toContain('namespace/shop created');
    await said('create', 'configmap', 'words', '-n', 'shop', '--from-literal=greeting=hello');
    await said('create', 'secret', 'generic', 'key', '-n', 'shop', '--from-literal=key=canary');
    expect(await said('get', 'configmap', 'words', '-n', 'shop', '-o', 'jsonpath={.data.greeting}')).toBe('hello');
    expect(await said('get', 'secret', 'key', '-n', 'shop', '-o', 'jsonpath={.data.key}')).toBe(Buffer.from('canary').toString('base64'));
    expect(await said('auth', 'can-i', 'create', 'pods')).toContain('yes');
  });

  it('applies, twice without a change, and follows a rollout', async () => {
    expect(await said('apply', '-n', 'shop', '-f', shop)).toMatch(/deployment.apps\/web created\nservice\/web created/);
    expect(await said('apply', '-n', 'shop', '-f', shop)).toMatch(/deployment.apps\/web unchanged/);
    expect(await said('rollout', 'status', 'deployment/web', '-n', 'shop', '--timeout=60s')).toContain('successfully rolled out');
    await said('rollout', 'restart', 'deployment/web', '-n', 'shop');
    await said('rollout', 'status', 'deployment/web', '-n', 'shop', '--timeout=60s');
    expect(await said('rollout', 'history', 'deployment/web', '-n', 'shop')).toMatch(/1 .*\n2 /);
    expect(await said('rollout', 'undo', 'deployment/web', '-n', 'shop')).toContain('rolled back');
    await said('rollout', 'status', 'deployment/web', '-n', 'shop', '--timeout=60s');
    expect(await said('scale', 'deployment/web', '--replicas=3', '-n', 'shop')).toContain('scaled');
  });

  it('shows tables as of the real server', async () => {
    await said('wait', 'deployment/web', '-n', 'shop', '--for=jsonpath={.status.replicas}=3', '--timeout=60s');
    const deployments = await said('get', 'deployments', '-n', 'shop');
    expect(columns(deployments)).toEqual(['NAME', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'AGE']);
    expect(deployments).toMatch(/^web +3\/3 +3 +3 +\d+s/m);
    const pods = await said('get', 'pods', '-n', 'shop', '-o', 'wide');
    expect(columns(pods)).toEqual(['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', 'IP', 'NODE']);
    expect(pods).toMatch(/^web-\S+ +1\/1 +Running +0 +\d+s +\S+ +home-node/m);
    expect(columns(await said('get', 'nodes'))).toEqual(['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION']);
    expect(await said('get', 'namespace', 'shop')).toMatch(/^shop +Active +\d+s/m);
    expect(columns(await said('get', 'networks.ipam.liqo.io', '-n', 'liqo'))).toEqual(['NAME', 'AGE']);
    expect(await said('get', 'all', '-n', 'shop')).toMatch(/^deployment.apps\/web /m);
  });

  it('refuses what a simulated pod cannot do, with a reason', async () => {
    expect((await run('logs', 'deployment/web', '-n', 'shop')).err).toMatch(/nothing runs inside of a simulated pod/);
    expect((await run('exec', 'deployment/web', '-n', 'shop', '--', 'true')).err).toMatch(/nothing runs inside of a simulated pod/);
    expect((await run('create', 'deployment', 'other', '--image=x', '-n', 'shop')).err).toMatch(/no protobuf of Deployment/);
  });

  it('deletes and waits until it is gone', async () => {
    expect(await said('delete', '-n', 'shop', '-f', shop, '--timeout=60s')).toContain('deleted');
    await said('delete', 'namespace', 'shop', '--timeout=60s');
    expect((await run('get', 'namespace', 'shop')).err).toContain('NotFound');
  });
});
