// A store as the product opens it, with all its durability, in a folder of its own that goes when the bench ends.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopEmbedded } from '../../broker/src/store/io/embedded.ts';
import { openStore } from '../../broker/src/store/io/openStore.ts';
import type { Store } from '../../broker/src/store/io/store.ts';

export type BenchStore = { readonly store: Store; readonly dataDir: string; readonly configDir: string; another(): Promise<Store>; close(): Promise<void> };

export async function benchStore(): Promise<BenchStore> {
  const folder = mkdtempSync(join(tmpdir(), 'hanse-bench-'));
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  for (const passed of [folder, dataDir]) chmodSync(passed, 0o711); // the database's account passes through
  const configDir = join(folder, 'config');
  const another = (): Promise<Store> => openStore({ dataDir, configDir });
  const store = await another();
  const close = async (): Promise<void> => {
    await store.close();
    await stopEmbedded(join(dataDir, 'pg')).catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  };
  return { store, dataDir, configDir, another, close };
}

/** mulberry32: the same numbers on every machine. */
export const randomFrom = (start: number): (() => number) => {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
};
