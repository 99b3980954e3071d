// The words of documents: diff, apply, schema.
import type { Command } from 'commander';
import type { DeclaredKind } from '../../../contract/src/declaration.ts';
import { changing, collect, ofKind, reading } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

const kinds: readonly DeclaredKind[] = ['Federation', 'Application', 'Policy'];

export const addDocuments = (program: Command, terminal: Terminal, run: Runner): void => {
  const commands = () => import('../commands/declarations.ts');
  const declaring = (command: Command): Command =>
    command
      .requiredOption(
        '-f, --filename <file>',
        'file or directory with documents (Federation, Application, Policy), or - for standard input; can be repeated',
        collect,
      )
      .option(
        '--prune',
        'also leave providers that a Federation does not name, and delete applications and policies that no document names, of the kinds given',
      );
  declaring(reading(program.command('diff').description('Show where documents and what is there differ, and what would be done about it')))
    .option('--plans', 'with every step')
    .action(run(async (options) => (await commands()).diff(terminal, options)));
  declaring(changing(program.command('apply').description('Bring what is there to what documents say, by the plans of the ordinary verbs'))).action(
    run(async (options) => (await commands()).apply(terminal, options)),
  );
  ofKind(program.command('schema').description('Print the JSON Schema of a kind of document, for editors'), kinds).action(
    run(async (kind: DeclaredKind) => (await commands()).schema(terminal, kind)),
  );
};
