// The demo, as npm start runs it: the whole job by commands while its simulator is killed in every one of them, and everything as it was after a second start.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { installDemo, type DemoProgram } from './demoProgram.ts';

const manifests = join(import.meta.dirname, '../../examples/shop');
const placement = z.looseObject({ placement: z.array(z.looseObject({ cluster: z.string(), ready: z.number() })), drift: z.array(z.string()) });
const operation = z.looseObject({ id: z.string(), state: z.string() });
const asking = z.looseObject({ state: z.string(), plan: z.looseObject({ notes: z.array(z.looseObject({ topic: z.string(), text: z.string() })) }) });
const peerings = z.array(z.looseObject({ provider: z.string(), dataPlane: z.string(), tunnel: z.looseObject({ seenAs: z.array(z.string()) }).optional() }));
const offers = z.looseObject({ items: z.array(z.looseObject({ cluster: z.string().nullable(), matches: z.boolean() })), rejected: z.array(z.unknown()) });

const soon = { timeout: 120_000, interval: 500 };

describe('the demo', { timeout: 420_000 }, () => {
  let demo: DemoProgram;
  beforeAll(async () => {
    demo = await installDemo();
    await demo.start();
  }, 240_000);
  afterAll(() => demo?.close(), 30_000);

  const json = async <T>(schema: z.ZodType<T>, ...words: readonly string[]): Promise<T> => {
    const { exit, out, err } = await demo.hanse(...words, '-o', 'json');
    if (exit !== 0) throw new Error(`hanse ${words.join(' ')} ended with ${exit}: ${err}${out}`);
    return schema.parse(JSON.parse(out));
  };
  const done = async (...words: readonly string[]): Promise<void> => {
    let { exit, out, err } = await demo.hanse(...words, '--yes');
    // no plan could be made, because nobody answered at that moment: nothing was changed, and it is asked again
    for (const until = Date.now() + 120_000; Date.now() < until && /Check that its API server runs/.test(err) && !/Plan:/.test(out);)
      ({ exit, out, err } = await demo.hanse(...words, '--yes'));
    expect({ exit, said: exit === 0 ? '' : err + out }).toEqual({ exit: 0, said: '' });
  };
  const where = async (application = 'shop'): Promise<Record<string, number>> => {
    const status = await json(placement, 'status', application);
    return Object.fromEntries(status.placement.filter(({ ready }) => ready > 0).map(({ cluster, ready }) => [cluster, ready]));
  };
  /** Its simulator is killed at a random moment of the first seconds. */
  const disturbed = async (work: Promise<void>): Promise<void> => {
    await pause(300 + Math.random() * 2_000);
    const { pid } = demo.simulator();
    process.kill(pid, 'SIGKILL');
    await work;
    await expect.poll(() => demo.simulator().pid, soon).not.toBe(pid);
  };
  /** A zombie, whose parent was killed before it, has ended. */
  const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

  it('has every member added, and their verified offers', async () => {
    const clusters = await json(z.array(z.looseObject({ name: z.string(), state: z.string() })), 'cluster', 'list');
    expect(clusters.map(({ name, state }) => `${name} ${state}`)).toEqual(['amstel', 'ebro', 'harbour', 'hudson', 'main', 'po'].map((name) => `${name} ready`));
    const found = async () => {
      const { items, rejected } = await json(offers, 'offers', '--where', 'country=EU', '--where', 'label>=L2@certified');
      return { matches: Object.fromEntries(items.map(({ cluster, matches }) => [cluster, matches])), rejected };
    };
    // services are read beside everything else
    await expect.poll(found, soon).toEqual({ matches: { amstel: true, main: true, po: false, ebro: false, hudson: false }, rejected: [] });
    const read = z.array(z.looseObject({ kind: z.string(), held: z.number(), failure: z.string().nullable() }));
    const sources = async () => (await json(read, 'catalogue', 'sources')).map(({ kind, held, failure }) => `${kind} ${held === 0 ? 'empty' : failure}`);
    await expect.poll(async () => (await sources()).toSorted(), soon).toEqual(['address null', 'ces null', 'did null', 'xfsc null']);
  });

  it('speaks to no other port of this machine', async () => {
    let asked = 0;
    const stranger = createServer((_request, response) => {
      asked += 1;
      response.end();
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const port = (stranger.address() as AddressInfo).port;
    const kubeconfig = readFileSync(demo.simulator().members[0]?.kubeconfig ?? '', 'utf8').replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`);
    mkdirSync(join(demo.folder, 'hand'), { recursive: true });
    const file = join(demo.folder, 'hand', 'stranger.yaml');
    writeFileSync(file, kubeconfig);
    const { exit, err } = await demo.hanse('cluster', 'add', 'stranger', '--kubeconfig', file, '--side', 'provider', '--yes');
    stranger.close();
    expect(exit).not.toBe(0);
    expect(err).toContain(`127.0.0.1:${port}`);
    expect(asked).toBe(0);
  });

  it('shows the five verbs on a tour, loses no request on it, and is as it was', async () => {
    const { exit, out, err } = await demo.hanse('demo', 'tour', '--pace', '0');
    expect({ exit, said: exit === 0 ? '' : err + out }).toEqual({ exit: 0, said: '' });
    for (const told of ['1 of 5: Find', '$ hanse federate main ebro --yes', '5 of 5: Leave', 'Everything is as it was']) expect(out).toContain(told);
    expect(out).toMatch(/^[1-9]\d* requests were sent meanwhile; every one was answered\.$/m);
    expect(await json(z.array(z.unknown()), 'get', 'peerings')).toEqual([]);
    expect(await json(z.array(z.unknown()), 'get', 'applications')).toEqual([]);
  });

  it('federates, deploys, moves and leaves while its simulator is killed in every one of them', async () => {
    await disturbed(done('federate', 'main', 'ebro'));
    await disturbed(done('deploy', 'shop', '-f', manifests, '--where', 'country=DE,ES', '--prefer', 'price'));
    await expect.poll(() => where(), soon).toEqual({ ebro: 5 });
    await disturbed(done('migrate', 'shop', '--from', 'ebro', '--to', 'main', '--soak', '1', '--connection-age', '1'));
    await expect.poll(() => where(), soon).toEqual({ main: 5 });
    const onTour = await demo.hanse('demo', 'tour');
    expect(onTour.exit).toBe(3);
    expect(onTour.err).toMatch(/not as it was at first.*\n.*hanse delete shop && hanse leave ebro && hanse leave main/);
    await done('leave', 'ebro');
  });

  it('finds everything as it was after kill -9 of the broker and a second start', async () => {
    const before = demo.simulator();
    await demo.kill();
    await demo.start();
    expect(demo.simulator().members).toEqual(before.members);
    expect(demo.simulator().pid).not.toBe(before.pid);
    await expect.poll(() => where(), soon).toEqual({ main: 5 });
    expect(demo.said()).not.toContain('Added');
  });

  const api = async (method: string, path: string, body?: object): Promise<unknown> => {
    const authorization = `Bearer ${readFileSync(join(demo.folder, 'config', 'token'), 'utf8').trim()}`;
    const response = await fetch(`${demo.url}/v1/operations/${path}`, {
      method,
      headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(response.ok).toBe(true);
    return response.json();
  };
  /** Whatever a person is asked is done. */
  const doneByHand = async (...words: readonly string[]): Promise<z.infer<typeof asking>> => {
    const { id } = await json(operation, ...words, '--yes', '--no-wait');
    for (; ; await pause(100)) {
      const now = asking.parse(await api('GET', id));
      if (now.state === 'asking') await api('POST', `${id}/answer`, { answer: 'done' });
      if (!['done', 'rolledBack', 'failed'].includes(now.state)) continue;
      expect(now.state).toBe('done');
      return now;
    }
  };
  /** Asks a Service of home until it is told to stop: who answered, and how many were not answered. */
  const caller = async (service: string): Promise<{ stop(): Promise<{ clusters: string[]; lost: number }> }> => {
    const { out } = await demo.hanse('demo', 'services');
    const url = new RegExp(`${service} (http:\\S+)`).exec(out)?.[1] ?? '';
    const clusters = new Set<string>();
    let [lost, isStopped] = [0, false];
    const asking = (async () => {
      for (; !isStopped; await pause(50)) {
        const answer = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(5_000) }).catch(() => null);
        const told = z.looseObject({ cluster: z.string() }).safeParse(await answer?.json().catch(() => null));
        if (told.success) clusters.add(told.data.cluster);
        else lost += 1;
      }
    })();
    return {
      async stop() {
        isStopped = true;
        await asking;
        return { clusters: [...clusters].toSorted(), lost };
      },
    };
  };

  it("federates through Liqo's tunnel with a provider whose addresses are the home's own", async () => {
    const { plan } = await doneByHand('federate', 'po');
    expect(plan.notes.find(({ topic }) => topic === 'data plane')?.text).toMatch(/^po: Liqo's tunnel\. .*10\.42\.0\.0\/16.*10\.42\.0\.0\/16/);
    const joined = (await json(peerings, 'get', 'peerings')).find(({ provider }) => provider === 'po');
    expect(joined).toMatchObject({ dataPlane: 'tunnel', tunnel: { address: expect.stringMatching(/^100\.64\./), server: 'provider' } });
    expect(joined?.tunnel?.seenAs).not.toContain('10.42.0.0/16');
    await done('deploy', 'edge', '-f', manifests, '--where', 'country=IT,DE', '--prefer', 'price');
    await expect.poll(() => where('edge'), soon).toEqual({ po: 5 });
  });

  it('moves an application from behind the tunnel while every request is answered, and leaves', async () => {
    const { stop } = await caller('edge/web');
    await done('migrate', 'edge', '--from', 'po', '--to', 'main', '--soak', '1', '--connection-age', '1');
    expect(await stop()).toEqual({ clusters: ['main', 'po'], lost: 0 });
    await done('delete', 'edge');
    await doneByHand('leave', 'po');
    expect((await json(peerings, 'get', 'peerings')).map(({ provider }) => provider)).toEqual(['main']);
  });

  const play = async (...words: readonly string[]): Promise<string> => {
    const { exit, out, err } = await demo.hanse('demo', ...words);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    return out;
  };

  it('changes a price, withdraws a label, and puts both back', async () => {
    const cheapest = async (): Promise<string | null | undefined> =>
      (await json(offers, 'offers', '--where', 'country=EU', '--prefer', 'price')).items[0]?.cluster;
    expect(await cheapest()).toBe('po');
    const labelled = async (): Promise<number | null> => (await demo.hanse('offers', '--where', 'label>=L3')).exit;
    expect(await play('price', 'main', '0.001')).toContain('0.001');
    await expect.poll(cheapest, soon).toBe('main');
    // a price issues the label anew: of what is revoked before it is seen for the first time nobody is told that it was ever active
    await expect.poll(labelled, soon).toBe(0);
    expect(await play('revoke', 'main')).toContain('withdrawn');
    // a status list is asked for by itself, later than the offers
    await expect.poll(labelled, soon).toBe(3);
    expect((await demo.hanse('credential', 'list')).out).toMatch(/revoked +gx:LabelCredential/);
    const told = async (): Promise<string> => (await demo.hanse('explain', 'offer', 'main')).out;
    await expect
      .poll(told, soon)
      .toMatch(/What no longer counts\n +[0-9a-f]{12} +revoked +gx:LabelCredential of \S+: status failed: its issuer has revoked it/);
    await expect.poll(told, soon).toMatch(/[0-9a-f]{12} +active → revoked: status failed/);
    await play('reset');
    await expect.poll(cheapest, soon).toBe('po');
  });

  it('suspends what was announced on a notice board, and takes that back', async () => {
    const label = async (): Promise<string | undefined> => {
      const listed = await json(
        z.array(z.looseObject({ digest: z.string(), state: z.string(), types: z.array(z.string()), id: z.string().nullable() })),
        'credential',
        'list',
      );
      return listed.find(({ types, id, state }) => types.includes('gx:LabelCredential') && id?.includes('/po/') && state !== 'deprecated')?.state;
    };
    await expect.poll(label, soon).toBe('active');
    expect(await play('suspend', 'po')).toContain('suspended');
    await expect.poll(label, soon).toBe('suspended');
    // a credential is judged as it is asked for; the offers are rewritten a moment later
    const labelled = async (): Promise<number | null> => (await demo.hanse('offers', '--where', 'country=IT', '--where', 'label>=SC')).exit;
    await expect.poll(labelled, soon).toBe(3);
    await play('restore', 'po');
    await expect.poll(label, soon).toBe('active');
  });

  it('ends altogether with Ctrl-C', async () => {
    const { pid } = demo.simulator();
    const database = Number(readFileSync(join(demo.folder, 'data', 'pg', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
    expect([isAlive(pid), isAlive(database)]).toEqual([true, true]);
    expect(await demo.interrupt()).toBe(0);
    expect([isAlive(pid), isAlive(database)]).toEqual([false, false]);
  });
});
