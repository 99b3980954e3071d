// The words of a provider: who uses its clusters, and what each is told.
import type { Command } from 'commander';
import { changing, reading } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export const addProvider = (program: Command, terminal: Terminal, run: Runner): void => {
  const provider = program.command('provider').description('For providers: who uses your clusters, and your word to each');
  reading(provider.command('requests').description('Who uses your clusters or asks to')).action(
    run(async (options) => (await import('../commands/provider.ts')).requests(terminal, options)),
  );
  const answers = [
    ['accept', { answer: 'yes', standing: 'open' }, 'Accept a consumer: what it asks for is lent, also after cordon, drain or end'],
    ['refuse', { answer: 'no' }, 'Refuse a consumer: nothing more is lent; what is lent already stays'],
    ['ask', { answer: 'ask' }, 'Be asked: what the consumer wants waits for your answer'],
    ['cap', {}, 'Limit what a consumer may borrow; an empty value takes a limit away'],
    ['cordon', { standing: 'cordoned' }, 'Lend nothing new to a consumer: no new slice, no larger one, no new pod; what runs stays'],
    ['drain', { standing: 'draining' }, 'Ask a consumer to move away: its Hanse plans it as its policies say; nothing is ended by this'],
    ['end', { answer: 'no', standing: 'ended' }, 'End the relation with a consumer that has moved away'],
  ] as const;
  for (const [word, said, about] of answers) {
    const command = changing(provider.command(word).description(about).argument('<consumer>', 'its Liqo cluster id')).option(
      '--cluster <name>',
      'which of your clusters, when you have several',
    );
    if (word !== 'cap') command.option('--reason <text>', 'told to the consumer');
    else command.option('--cpu <cores>', 'as Kubernetes writes it').option('--memory <size>', 'as Kubernetes writes it').option('--pods <number>', 'how many');
    if (word === 'end') command.option('--force', 'also what runs still: it is cut');
    command.action(run(async (consumer, options) => (await import('../commands/provider.ts')).lend(terminal, consumer, said, options)));
  }
};
