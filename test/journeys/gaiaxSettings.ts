// What a broker's configuration says of the simulated Gaia-X.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GaiaX } from '../../simulator/gaiax/gaiax.ts';

export function settingsOf({ authority, anchor, published, trustedIssuers, vocabulary }: GaiaX, sources: readonly unknown[] = published): object {
  const folder = mkdtempSync(join(tmpdir(), 'hanse-gaiax-'));
  const [authorityFile, trustAnchorsFile] = [join(folder, 'authorities.pem'), join(folder, 'anchors.pem')];
  writeFileSync(authorityFile, authority);
  writeFileSync(trustAnchorsFile, anchor);
  return { sources, trustedIssuers, ...vocabulary, authorityFile, trustAnchorsFile, askAgainSeconds: 1 };
}
