// The commands that borrow clusters, and the layer-2 networks between them.
import type { Command } from 'commander';
import { Option } from 'commander';
import { changing, collect, reading, sized, whereAbout } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export const addFederation = (program: Command, terminal: Terminal, run: Runner): void => {
  sized(
    changing(
      program.command('federate').description('Federate with providers: their clusters become nodes of yours').argument('[providers...]', 'names of clusters'),
    ),
  )
    .option('--where <criterion>', whereAbout, collect)
    .option('--home <cluster>', 'your cluster, when you have several')
    .action(run(async (providers, options) => (await import('../commands/changes.ts')).federate(terminal, providers, options)));
  sized(changing(program.command('resize').description('Borrow more or less of a provider').argument('<provider>'))).action(
    run(async (provider, options) => (await import('../commands/changes.ts')).resize(terminal, provider, options)),
  );
  changing(program.command('leave').description('End the federation with a provider and prove that nothing is left').argument('<provider>'))
    .option('--evacuate', 'move what runs there away first')
    .option('--force', 'the provider is gone for good')
    .option('--home <cluster>', 'your cluster, when you have several')
    .action(run(async (provider, options) => (await import('../commands/changes.ts')).leave(terminal, provider, options)));
  const lan = program.command('lan').description('Layer-2 networks at exchanges');
  reading(lan.command('list', { isDefault: true }).description('List the LANs')).action(
    run(async (options) => (await import('../commands/lans.ts')).listLans(terminal, options)),
  );
  lan
    .command('config')
    .description('Print what the nodes of the sites have to be told')
    .argument('<name>', 'of the LAN: the home cluster’s')
    .addOption(new Option('--format <format>', 'for kubernetes-nmstate, or netplan').choices(['nmstate', 'netplan']).default('nmstate'))
    .option('--member <cluster>', 'only of this cluster')
    .action(run(async (name, options) => (await import('../commands/lans.ts')).nodeConfig(terminal, name, options)));
};
