// Requests lost while an application of 10 replicas moves to and fro in the demo, each request on a connection of its own, to the home's Service.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { installDemo } from '../journeys/demoProgram.ts';

const moves = Number(process.argv[2] ?? 20);
const replicas = 10;
const requestsPerSecond = 200;
const answerMsMax = 5_000;

type Sent = { answered: number; lost: number; readonly reasons: Record<string, number> };

/** Keeps the rate whatever the answers do. */
function load(url: string): { readonly sent: Sent; stop(): Promise<void> } {
  const sent: Sent = { answered: 0, lost: 0, reasons: {} };
  const open = new Set<Promise<void>>();
  const began = performance.now();
  let asked = 0;
  const ask = async (): Promise<void> => {
    const failure = await once(url);
    if (failure === null) sent.answered += 1;
    else {
      sent.lost += 1;
      sent.reasons[failure] = (sent.reasons[failure] ?? 0) + 1;
    }
  };
  const timer = setInterval(() => {
    for (const due = ((performance.now() - began) / 1000) * requestsPerSecond; asked < due; asked += 1) {
      const one: Promise<void> = ask().finally(() => open.delete(one));
      open.add(one);
    }
  }, 5);
  return {
    sent,
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
    },
  };
}

/** null: answered in full. */
const once = (url: string): Promise<string | null> =>
  new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: answerMsMax }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200 ? null : String(response.statusCode)));
      response.on('error', (error) => resolve(error.message));
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
  });

const demo = await installDemo({ isHurried: false });
const hanse = async (...words: readonly string[]): Promise<string> => {
  const { exit, out, err } = await demo.hanse(...words);
  if (exit !== 0) throw new Error(`hanse ${words.join(' ')} ended with ${exit}: ${err}${out}`);
  return out;
};
try {
  await demo.start();
  const manifest = readFileSync(join(process.cwd(), 'examples/shop/shop.yaml'), 'utf8').replace('replicas: 5', `replicas: ${replicas}`);
  mkdirSync(join(demo.folder, 'hand'), { recursive: true });
  writeFileSync(join(demo.folder, 'hand', 'shop.yaml'), manifest);
  await hanse('federate', 'main', 'ebro', '--cpu', '8', '--memory', '16Gi', '--yes');
  await hanse('deploy', 'shop', '-f', join(demo.folder, 'hand'), '--where', 'country=DE,ES', '--prefer', 'price', '--yes');
  const url = /^shop\/web (\S+)$/m.exec(await hanse('demo', 'services'))?.[1];
  if (url === undefined) throw new Error('the Service has no address');
  const { sent, stop } = load(url);
  for (let move = 0; move < moves; move += 1) {
    const [from, to] = move % 2 === 0 ? ['ebro', 'main'] : ['main', 'ebro'];
    await hanse('migrate', 'shop', '--from', from, '--to', to, '--soak', '1', '--connection-age', '1', '--yes');
    console.error(`move ${move + 1} of ${moves}: ${sent.answered} answered, ${sent.lost} lost`);
  }
  await stop();
  const sizes = { moves, replicas, requestsPerSecond, requests: sent.answered + sent.lost, reasons: sent.reasons };
  console.log(JSON.stringify({ name: 'move', figure: sent.lost, unit: 'requests', bar: 0, sizes, seed: null }));
  process.exitCode = sent.lost === 0 ? 0 : 1;
} finally {
  await demo.close();
}
