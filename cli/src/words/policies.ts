// The commands about stored policies.
import type { Command } from 'commander';
import { reading } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export const addPolicies = (program: Command, terminal: Terminal, run: Runner): void => {
  const policy = program.command('policy').description('Stored policies');
  reading(policy.command('put').description('Store a policy').argument('<name>'))
    .requiredOption('-f, --filename <file>', 'policy file; - reads standard input')
    .option('--dry-run', 'show what would change and change nothing')
    .action(run(async (name, options) => (await import('../commands/policies.ts')).put(terminal, name, options)));
  reading(policy.command('forget').description('Forget a policy').argument('<name>'))
    .option('--dry-run', 'show what would change and change nothing')
    .action(run(async (name, options) => (await import('../commands/policies.ts')).forget(terminal, name, options)));
};
