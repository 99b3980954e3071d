// The words of the demo.
import type { Command } from 'commander';
import { positive } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export const addDemo = (program: Command, terminal: Terminal, run: Runner): void => {
  program
    .command('demo')
    .description('Play with the demo of npm start: providers go down, prices change, time runs faster; without words it lists what there is')
    .argument('[words...]', 'what to do, and to whom: provider-down main')
    .action(run(async (words: readonly string[]) => (await import('../commands/demo.ts')).demo(terminal, words)))
    .command('tour')
    .description('Play find, federate, deploy, migrate and leave on the running demo, with captions; at the end everything is as it was')
    .option('--pace <seconds>', 'to read before and after each command', positive, 4)
    .action(run(async (options: { pace: number }) => (await import('../commands/tour.ts')).tour(terminal, options)));
};
