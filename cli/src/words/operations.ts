// The commands about operations.
import type { Command } from 'commander';
import { positive, reading, timed } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export const addOperations = (program: Command, terminal: Terminal, run: Runner): void => {
  const operations = program.command('operations').description('Plans and what became of them');
  const commands = () => import('../commands/operations.ts');
  reading(operations.command('list', { isDefault: true }).description('List operations, newest first'))
    .option('--state <state>', 'only these')
    .option('--limit <number>', 'at most so many', positive)
    .action(run(async (options) => (await commands()).list(terminal, options)));
  reading(operations.command('show').description('Plan and journal of an operation').argument('<id>')).action(
    run(async (id, options) => (await commands()).showOne(terminal, id, options)),
  );
  timed(reading(operations.command('watch').description('Follow an operation to its end').argument('<id>'))).action(
    run(async (id, options) => (await commands()).watchOne(terminal, id, options)),
  );
  const steering = (name: string, about: string): Command =>
    timed(reading(operations.command(name).description(about).argument('<id>'))).option('--wait', 'follow it to its end');
  steering('approve', 'Carry out a plan that was stored').action(run(async (id, options) => (await commands()).approve(terminal, id, options)));
  steering('cancel', 'Discard a plan, or undo what was done').action(run(async (id, options) => (await commands()).cancel(terminal, id, options)));
  reading(operations.command('pause').description('Begin no other step; the one that is under way ends first').argument('<id>')).action(
    run(async (id, options) => (await commands()).pause(terminal, id, options)),
  );
  steering('resume', 'Go on after a pause').action(run(async (id, options) => (await commands()).resume(terminal, id, options)));
  steering('retry', 'Try a failed step again').action(run(async (id, options) => (await commands()).retry(terminal, id, options)));
  steering('answer', 'Answer the question of an operation')
    .argument('<key>', 'of one of the options')
    .action(run(async (id, key, options) => (await commands()).answer(terminal, id, key, options)));
};
