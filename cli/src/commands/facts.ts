// Every fact that a criterion can name, with its units: the words are this program's own, so no broker is asked.
import { factTable } from '../../../broker/src/catalogue/index.ts';
import { unitsFor } from '../../../broker/src/placement/index.ts';
import type { Exit } from '../failure.ts';
import { show, tableOf } from '../output.ts';
import type { Format } from '../output.ts';
import type { Terminal } from '../terminal.ts';

export const listFacts = async (terminal: Terminal, { output }: { readonly output: Format }): Promise<Exit> => {
  const facts = Object.entries(factTable).map(([name, meaning]) => ({ name, ...meaning, units: unitsFor(name) }));
  await show(terminal, output, facts, () =>
    tableOf(
      facts,
      [
        ['FACT', ({ name, type }) => (type === 'position' ? 'distance(LAT,LON)' : name)],
        ['KIND', ({ type }) => (type === 'position' ? 'number' : type)],
        ['UNITS', ({ units }) => (units.length === 0 ? null : units.join(' '))],
        ['ABOUT', ({ title }) => title],
      ],
      '',
    ),
  );
  return 'done';
};
