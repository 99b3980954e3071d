// The folder that hanse publish wrote, for anyone: what a proxy with TLS in front of the broker answers below the address of the DID.
import { open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { HanseError } from '../../errors.ts';

export const publishedPath = '/gaia-x/*';

const types: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)did\.json$/, 'application/did+json'],
  [/\.json$/, 'application/json'],
  [/\.pem$/, 'application/pem-certificate-chain'],
  [/(^|\/)presentation\.jwt$/, 'application/vp+jwt'],
  [/\.jwt$/, 'application/vc+jwt'],
];
const safePath = /^(\.well-known\/)?([A-Za-z0-9_-][A-Za-z0-9._-]{0,100}\/){0,5}[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}$/;
const bytesMax = 4 * 1024 * 1024;
/** PEM, and JWK: a key that somebody laid into the folder stays there. */
const isPrivateKey = /PRIVATE KEY-----|"d"\s*:\s*"/;

export const servePublished = (app: FastifyInstance, dir: string): void => {
  app.get<{ Params: { '*': string } }>(publishedPath, { schema: { hide: true } }, async (request, reply) => {
    const path = request.params['*'];
    const type = types.find(([name]) => name.test(path))?.[1];
    const text = type === undefined || !safePath.test(path) ? null : await readInside(dir, path);
    if (text === null || type === undefined) throw new HanseError('NOT_FOUND', 'Nothing is published there.', { fix: 'index.json lists what is.' });
    return reply.type(type).header('access-control-allow-origin', '*').send(text);
  });
};

/** null: it is not there, is too large, or a link leads out of the folder. */
async function readInside(dir: string, path: string): Promise<Buffer | null> {
  const [root, file] = await Promise.all([realpath(dir), realpath(join(dir, path))]).catch(() => [null, null]);
  if (root === null || file === null || !file.startsWith(`${root}${sep}`)) return null;
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return null;
  try {
    const about = await handle.stat();
    if (!about.isFile() || about.size > bytesMax) return null;
    const bytes = await handle.readFile();
    return isPrivateKey.test(bytes.toString('latin1')) ? null : bytes;
  } finally {
    await handle.close();
  }
}
