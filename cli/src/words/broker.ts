// The commands about the broker itself, and about this command line.
import type { Command } from 'commander';
import type { Exit } from '../failure.ts';
import { shells } from '../completion.ts';
import { oneOf, reading } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

type Here = {
  readonly terminal: Terminal;
  /** Starts the broker itself; ends when it ends. */
  serve(options: { config?: string }): Promise<Exit>;
};

export const addBroker = (program: Command, { terminal, serve }: Here, run: Runner): void => {
  program
    .command('serve')
    .description('Run the broker: its database, its engine and its API')
    .option('--config <file>', 'configuration (YAML)')
    .action(run(serve));
  reading(program.command('page').description('Print a link that lets one browser in: the web page of the broker')).action(
    run(async (options) => (await import('../commands/page.ts')).page(terminal, options)),
  );
  program
    .command('completion')
    .description('Print a completion script: source <(hanse completion bash)')
    .argument('<shell>', shells.join(', '), oneOf(shells))
    .action(
      run(async (shell: (typeof shells)[number]) => {
        const { completionScript } = await import('../completion.ts');
        terminal.out(completionScript(program, shell));
        return 'done';
      }),
    );
};
