// Writes a folder file by file, each whole or not at all: a web server that reads meanwhile never sees half of one.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** `files`: path inside of the folder → text. What else lies there stays. */
export async function writeFolder(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const to = join(folder, path);
    await mkdir(dirname(to), { recursive: true });
    const beside = `${to}.${process.pid}.part`;
    await writeFile(beside, text);
    await rename(beside, to);
  }
}
