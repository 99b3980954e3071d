// The demo's traffic goes over layer 2 and nowhere else: with a circuit that is cut it stops, with a slow one it is late, and both are seen and said.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { installDemo, type DemoProgram } from '../journeys/demoProgram.ts';

const manifests = join(import.meta.dirname, '../../examples/shop');
const circuits = z.array(
  z.looseObject({
    kind: z.string(),
    member: z.string(),
    state: z.string(),
    since: z.string().nullable(),
    messages: z.array(z.string()),
    measured: z.looseObject({ mtuBytes: z.number().nullable(), roundTripMs: z.number().nullable(), sent: z.number(), received: z.number() }).nullable(),
  }),
);
const soon = { timeout: 60_000, interval: 500 };

describe('traffic between two members of the demo', { timeout: 300_000 }, () => {
  let demo: DemoProgram;
  let url: string;
  beforeAll(async () => {
    demo = await installDemo();
    await demo.start();
  }, 240_000);
  afterAll(() => demo?.close(), 30_000);

  const ran = async (...words: readonly string[]): Promise<string> => {
    const { exit, out, err } = await demo.hanse(...words);
    expect({ exit, said: exit === 0 ? '' : err + out }).toEqual({ exit: 0, said: '' });
    return out;
  };
  const attachment = async (member: string) => {
    const all = circuits.parse(JSON.parse(await ran('get', 'circuits', '-o', 'json')));
    return all.find((one) => one.kind === 'attachment' && one.member === member);
  };
  /** Milliseconds until the answer; null: none. */
  const asked = async (): Promise<number | null> => {
    const began = performance.now();
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000), headers: { connection: 'close' } }).catch(() => null);
    return answer?.ok === true && (await answer.text()).includes('"cluster":"main"') ? performance.now() - began : null;
  };

  it('flows once layer 2 is ordered, and was measured before anything was peered', async () => {
    await ran('federate', 'main', '--yes');
    await ran('deploy', 'shop', '-f', manifests, '--where', 'country=DE', '--yes');
    url = /\S*shop\S* (http:\S+)/.exec(await ran('demo', 'services'))?.[1] ?? '';
    await expect.poll(asked, soon).not.toBeNull();
    const { measured } = (await attachment('main')) ?? {};
    expect(measured).toMatchObject({ mtuBytes: 9000, sent: 20, received: 20 });
    expect(measured?.roundTripMs).toBeGreaterThan(4); // Amsterdam to Frankfurt and back in glass
  });

  it('stops while a circuit on its way is cut, which is shown with its reason, and flows again', async () => {
    await ran('demo', 'circuit', 'ams-fra', 'cut');
    await expect.poll(asked, soon).toBeNull();
    await ran('demo', 'circuit', 'ams-fra', 'well');
    await expect.poll(asked, soon).not.toBeNull();
    await ran('demo', 'circuit', 'main', 'cut');
    await expect.poll(asked, soon).toBeNull();
    await expect.poll(async () => (await attachment('main'))?.state, soon).toBe('degraded');
    expect(await attachment('main')).toMatchObject({ since: expect.stringMatching(/^\d{4}-/), messages: [expect.stringMatching(/no light/)] });
    await expect.poll(() => ran('get', 'lans'), soon).toMatch(/degraded: main/);
  });

  it('is late while a circuit on its way is slow', async () => {
    await ran('demo', 'circuit', 'main', 'slow');
    await expect.poll(async () => (await asked()) ?? 0, soon).toBeGreaterThan(160); // the handshake's round trip, then the request's
    await ran('demo', 'circuit', 'main', 'well');
    await expect.poll(async () => (await attachment('main'))?.state, soon).toBe('ready');
  });
});
