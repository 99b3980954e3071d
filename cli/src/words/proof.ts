// The commands that prove: receipts and the audit log.
import type { Command } from 'commander';
import { collect, reading } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export const addProof = (program: Command, terminal: Terminal, run: Runner): void => {
  reading(
    program
      .command('verify')
      .description('Verify a receipt without a broker or a network: decide again from what it holds')
      .argument('<file>', 'receipt, as hanse get receipts ID -o json writes it, or the bare JWS; - reads standard input'),
  )
    .requiredOption('--key <file>', 'public key (PEM) of a broker that may have signed it; can be repeated', collect)
    .action(run(async (file, options) => (await import('../commands/verify.ts')).verify(terminal, file, options)));
  program
    .command('redact')
    .description('Take out of a receipt what it tells of some clusters, for a reader who may not see it; it then verifies as partly checked')
    .argument('<file>', 'receipt, as hanse get receipts ID -o json writes it, or the bare JWS; - reads standard input')
    .requiredOption('--cluster <name>', 'cluster whose facts, free capacity and reasons are taken out (that it was chosen is not); can be repeated', collect)
    .action(run(async (file, options) => (await import('../commands/verify.ts')).redact(terminal, file, options)));
  const audit = program.command('audit').description('The audit log');
  reading(audit.command('verify').description('Check that no event was changed, removed, reordered or cut off'))
    .option('--head <seq:hash>', 'a head that was kept elsewhere')
    .action(run(async (options) => (await import('../commands/reads.ts')).auditVerify(terminal, options)));
};
