// Verifies a receipt offline, with the very rules that decided.
import { z } from 'zod';
import { redact as redactReceipt, verifyReceipt } from '../../../broker/src/audit/receipt.ts';
import type { ReceiptVerdict } from '../../../broker/src/audit/receipt.ts';
import { HanseError } from '../../../broker/src/errors.ts';
import { failWith } from '../failure.ts';
import type { Exit } from '../failure.ts';
import { readText } from '../files.ts';
import { clean, show } from '../output.ts';
import type { Format } from '../output.ts';
import { styleFor } from '../style.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

export const verify = async (terminal: Terminal, file: string, options: { output: Format; key: readonly string[] }): Promise<Exit> => {
  const [receipt, keys] = await Promise.all([readText(terminal, file), Promise.all(options.key.map((each) => readText(terminal, each)))]);
  const found = offline(() => verifyReceipt(jwsOf(receipt), keys));
  await show(terminal, options.output, found, () => verdictText(found, styleFor(terminal, terminal.isOutTty)));
  return found.verdict === 'valid' ? 'done' : 'error';
};

/** What it tells of these clusters is taken out; what is left goes to standard output. */
export const redact = async (terminal: Terminal, file: string, options: { cluster: readonly string[] }): Promise<Exit> => {
  const receipt = jwsOf(await readText(terminal, file));
  terminal.out(`${offline(() => redactReceipt(receipt, options.cluster))}\n`);
  return 'done';
};

const offline = <Answer>(work: () => Answer): Answer => {
  try {
    return work();
  } catch (error) {
    if (error instanceof HanseError) throw failWith('usage', error.message, error.fix);
    throw error;
  }
};

const document = z.object({ jws: z.string() });

/** A whole receipt as JSON, or only its signature with what it signs. */
const jwsOf = (text: string): string => {
  if (!text.trimStart().startsWith('{')) return text;
  try {
    return document.parse(JSON.parse(text)).jws;
  } catch {
    throw failWith('usage', 'The file is JSON, but not a receipt.', 'Write one with: hanse get receipts ID -o json');
  }
};

const summary = ({ keyId, receipt }: Extract<ReceiptVerdict, { verdict: 'valid' | 'partly checked' }>): { readonly what: string; readonly chosen: string } => {
  const { id, application, issuedAt, placement } = receipt;
  const chosen = (placement.chosen ?? []).map(({ cluster, replicas }) => `${cluster} for ${replicas}`).join(', ') || 'nothing';
  return { what: `receipt ${clean(id)} for ${clean(application)}, signed by ${keyId} at ${clean(issuedAt)}`, chosen: clean(chosen) };
};

const verdictText = (found: ReceiptVerdict, style: Style): string => {
  switch (found.verdict) {
    case 'valid': {
      const { what, chosen } = summary(found);
      return `${style.green('Valid')}: ${what}.\nDecided again from its own inputs, the answer is the same: ${chosen}.\n`;
    }
    case 'partly checked': {
      const { what, chosen } = summary(found);
      const { redacted, receipt } = found;
      const shown = receipt.snapshot.clusters.length;
      return `${style.yellow('Partly checked')}: ${what}.\nOf ${redacted} of ${redacted + shown} clusters it is not shown what they are. What is said of the other ${shown} is as it has to be; scores, and the choice among all of them (${chosen}), could not be decided again.\n`;
    }
    case 'invalid':
      return `${style.red('Invalid')}: ${clean(found.reason)}.\n`;
    case 'unknown key':
      return `${style.yellow('Unknown key')}: it says it was signed by ${clean(found.keyId)}; none of the given keys is that one.\n`;
    case 'other decision version':
      return `${style.yellow('Signed, but not decided again')}: it was decided by rules of version ${found.version}, which this version does not have.\n`;
  }
};
