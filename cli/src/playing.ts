// The words of the demo.
import type { Command } from 'commander';
import type { Runner } from './options.ts';
import type { Terminal } from './terminal.ts';

export const addDemo = (program: Command, terminal: Terminal, run: Runner): void => {
  program
    .command('demo')
    .description('Play with the demo of npm start: providers go down, prices change, time runs faster; without words it lists what there is')
    .argument('[words...]', 'what to do, and to whom: provider-down main')
    .action(run(async (words: readonly string[]) => (await import('./commands/demo.ts')).demo(terminal, words)));
};
