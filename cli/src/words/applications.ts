// The commands about applications.
import type { Command } from 'commander';
import { changing, choosing, collect, paused, positive, reading } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export const addApplications = (program: Command, terminal: Terminal, run: Runner): void => {
  choosing(changing(program.command('deploy').description('Deploy Kubernetes manifests over the providers that fit').argument('<name>', 'of the application')))
    .option('--policy <policy>', 'criteria and preferences: a file, or the name of a stored policy')
    .requiredOption('-f, --filename <file>', 'file, directory, URL, or - for standard input; can be repeated', collect)
    .option('--clusters <names>', 'exactly these clusters, separated by commas', (text: string) => text.split(','))
    .option('--spread <providers>', 'over at least so many providers, where that is possible', positive)
    .option('--home <cluster>', 'your cluster, when you have several')
    .action(run(async (name, options) => (await import('../commands/changes.ts')).deploy(terminal, name, options)));
  changing(program.command('delete').description('Delete an application and prove that nothing of it is left').argument('<application>'))
    .option('--data', 'its volume claims too; what is in them is lost')
    .option('--foreign', 'also what others made in its namespace')
    .action(run(async (name, options) => (await import('../commands/changes.ts')).remove(terminal, name, options)));
  paused(
    changing(program.command('migrate').description('Move an application from one provider to another without losing a request').argument('<application>')),
  )
    .requiredOption('--from <cluster>', 'where it leaves')
    .option('--to <cluster>', 'where it goes: a cluster, or best', 'best')
    .action(run(async (name, options) => (await import('../commands/changes.ts')).migrate(terminal, name, options)));
  paused(changing(program.command('evacuate').description('Move everything away from a provider').argument('<provider>')))
    .option('--pace <seconds>', 'between one application and the next', positive)
    .option('--home <cluster>', 'your cluster, when you have several')
    .action(run(async (provider, options) => (await import('../commands/changes.ts')).evacuate(terminal, provider, options)));
  reading(program.command('status').description('Where an application runs now').argument('[application]')).action(
    run(async (name, options) => (await import('../commands/reads.ts')).status(terminal, name, options)),
  );
  choosing(
    reading(
      program
        .command('explain')
        .description('Why an application runs where it runs; or, with "offer NAME", what is offered, whose word each fact is, and how far it can be trusted')
        .argument('<application>', 'or the word offer')
        .argument('[offer]', 'our name of the cluster, or the id or name of the offering'),
    ),
  ).action(
    run(async (name, offer, options) => {
      if (name === 'offer' && offer !== undefined) return (await import('../commands/explainOffer.ts')).explainOffer(terminal, offer, options);
      return (await import('../commands/reads.ts')).explain(terminal, name, options);
    }),
  );
};
