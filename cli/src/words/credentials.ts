// The commands about credentials, and about what rests on them.
import type { Command } from 'commander';
import { oneOf, positive, reading } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

const states = ['active', 'expiring', 'expired', 'revoked', 'suspended', 'deprecated', 'unverifiable', 'refused'] as const;

const inStates = (text: string, before: readonly (typeof states)[number][] | undefined): (typeof states)[number][] => [
  ...(before ?? []),
  ...text.split(',').map(oneOf(states)),
];

export const addCredentials = (program: Command, terminal: Terminal, run: Runner): void => {
  const credential = program.command('credential').description('Signed credentials of providers, and what each is worth');
  reading(credential.command('list', { isDefault: true }).description('List the credentials with their states and reasons'))
    .option('--state <states>', `only those in one of these: ${states.join(', ')}`, inStates)
    .option('--type <type>', 'only those of this type, or with a subject of this type: gx:LabelCredential')
    .option('--issuer <id>', 'only those that it issued')
    .option('--source <source>', 'only those that this source gave, or that came from a file or address that begins so')
    .option('--limit <number>', 'at most so many', positive)
    .action(run(async (options) => (await import('../commands/credentials.ts')).listCredentials(terminal, options)));
  reading(credential.command('show').description('Every check of a credential').argument('<digest>', 'or its first characters'))
    .option('--replay [time]', 'judge it as at this time (RFC 3339) from what was kept of then; without a time, when what it rests on last changed')
    .action(run(async (digest, options) => (await import('../commands/credentials.ts')).showCredential(terminal, digest, options)));
  reading(credential.command('history').description('How the state of a credential changed').argument('<digest>', 'or its first characters')).action(
    run(async (digest, options) => (await import('../commands/impact.ts')).credentialHistory(terminal, digest, options)),
  );
  reading(program.command('impact').description('What runs on a proof that lapsed or ends soon, and what its policy asks to be done'))
    .option('--credential <digest>', 'everything that rests on it, also where nothing is the matter with it')
    .option('--provider <cluster>', 'only what runs there')
    .action(run(async (options) => (await import('../commands/impact.ts')).listImpact(terminal, options)));
};
