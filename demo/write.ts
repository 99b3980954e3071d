// Files of the demo: whole or not at all, and for this account only.
import { chmodSync, renameSync, writeFileSync } from 'node:fs';

export function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
}
