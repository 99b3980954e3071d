// The terminal of this process.
import { homedir } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { failWith } from './failure.ts';
import type { Terminal } from './terminal.ts';

export const processTerminal = (): Terminal => ({
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isInteractive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
  isOutTty: Boolean(process.stdout.isTTY),
  columns: process.stdout.columns ?? 100,
  home: homedir(),
  ask: async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    try {
      return await Promise.race([lines.question(question), closed]); // closed: Ctrl-D or Ctrl-C is no consent
    } finally {
      lines.close();
    }
  },
  readStdin: async (bytesMax) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of process.stdin) {
      const piece = Buffer.from(chunk);
      bytes += piece.length;
      if (bytes > bytesMax) throw failWith('usage', `Standard input is larger than ${bytesMax} bytes.`, 'Send less.');
      chunks.push(piece);
    }
    return Buffer.concat(chunks).toString('utf8');
  },
  onInterrupt: (act) => {
    process.on('SIGINT', act);
    return () => void process.off('SIGINT', act);
  },
});
