// The commands that find offers, and tell where their credentials come from.
import type { Command } from 'commander';
import { choosing, reading } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export const addOffers = (program: Command, terminal: Terminal, run: Runner): void => {
  choosing(reading(program.command('offers').description('Verified offers of providers, held against criteria')))
    .option('--explain', 'every opinion, and the smallest change that would make an offer match')
    .option('--text <words>', 'only offers with a word that begins with each of these')
    .option('--facets [facts]', 'how many offers state which value: facts with commas between them')
    .option('--limit <count>', 'offers of one page', '50')
    .option('--offset <count>', 'offers before the page', '0')
    .action(run(async (options) => (await import('../commands/offers.ts')).offers(terminal, options)));
  reading(program.command('facts').description('Every fact that a criterion can name, with its units; asks no broker')).action(
    run(async (options) => (await import('../commands/facts.ts')).listFacts(terminal, options)),
  );
  const catalogue = program.command('catalogue').description('Where credentials come from');
  reading(catalogue.command('sources', { isDefault: true }).description('Each source: how far it was read, what was refused, and why one is limited')).action(
    run(async (options) => (await import('../commands/sources.ts')).listSources(terminal, options)),
  );
  reading(catalogue.command('harvest').description('Read now, without waiting for their time, the services that are read bit by bit')).action(
    run(async (options) => (await import('../commands/sources.ts')).harvestSources(terminal, options)),
  );
};
