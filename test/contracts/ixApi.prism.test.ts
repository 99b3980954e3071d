// An outside judge between our client and the simulator's exchange: Prism, with the OpenAPI document of IX-API 2.1.0, refuses requests and answers that are not
// IX-API. It is not among our packages (213 of its own): where it can be had it comes into a folder outside the clone.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ixApiContract } from './ixApi.contract.ts';
import { simulatedExchange } from './ixApi.simulator.ts';

const document = join(import.meta.dirname, '../../../shared/data/ixapi-2.1.0/openapi.patched.json');
const folder = process.env['HANSE_PRISM'] || join(tmpdir(), 'hanse-prism');
const program = join(folder, 'node_modules/@stoplight/prism-cli/dist/index.js');
const installMs = 240_000;
const startMs = 90_000;

const reason = await missing();
if (reason === null) {
  ixApiContract('Prism lets it pass, IX-API 2.1', () => simulatedExchange('2.1.0', (url) => behindPrism(url)));
  it('lets nothing pass that is not IX-API 2.1', { timeout: 120_000 }, async () => {
    const system = await simulatedExchange('2.1.0', (url) => behindPrism(url));
    const post = async (path: string, body: object, token = ''): Promise<{ status: number; text: string }> => {
      const headers = { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) };
      const answer = await fetch(`${system.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: answer.status, text: await answer.text() };
    };
    const { text } = await post('/auth/token', { api_key: system.key, api_secret: system.secret });
    const { access_token: token } = z.object({ access_token: z.string() }).parse(JSON.parse(text));
    const service = { type: 'mp2mp_vc', product_offering: 'po:cug:test-2.1.0', managing_account: system.account, consuming_account: system.account };
    expect(await post('/network-services', { ...service, name: 'x' }, token)).toMatchObject({ status: 422, text: expect.stringContaining('billing_account') });
    expect(await post('/network-services', { ...service, name: 'x', billing_account: system.account }, token)).toMatchObject({ status: 201 });
    await system.close();
  });
} else {
  console.log(`skipped behind Prism: ${reason}`);
  it.skip(`an exchange behind Prism (${reason})`, () => {});
}

async function missing(): Promise<string | null> {
  if (!existsSync(document)) return `there is no ${document}`;
  if (existsSync(program)) return null;
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '@stoplight/prism-cli@5.16'];
  return promisify(execFile)('npm', args, { timeout: installMs }).then(
    () => (existsSync(program) ? null : 'npm installed no Prism'),
    () => 'Prism cannot be installed here',
  );
}

type Standing = { readonly url: string; close(): Promise<void> };

/** A port that was free may be somebody else's a moment later. */
async function behindPrism(url: string, tries = 5): Promise<Standing> {
  return startPrism(url).catch((error: unknown) => {
    if (tries <= 1) throw error;
    return behindPrism(url, tries - 1);
  });
}

async function startPrism(url: string): Promise<Standing> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [program, 'proxy', document, url, '--errors', '--multiprocess', 'false', '--host', '127.0.0.1', '--port', String(port)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const gone = once(child, 'exit');
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (log = `${log}${chunk.toString()}`.slice(-20_000)));
  for (const end = Date.now() + startMs; !log.includes('is listening'); await pause(100)) {
    if (Date.now() > end || child.exitCode !== null) {
      child.kill('SIGKILL');
      throw new Error(`Prism did not start: ${log}`);
    }
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
