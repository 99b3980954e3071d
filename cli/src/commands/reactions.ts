// What was seen of providers, what was decided, and what awaits a person.
import type { Reaction } from '../../../contract/src/reaction.ts';
import { routes } from '../../../contract/src/routes.ts';
import { connect } from '../client.ts';
import type { Exit } from '../failure.ts';
import { ageOf, clean, type Format, show, tableOf } from '../output.ts';
import type { Terminal } from '../terminal.ts';

const next = ({ state, operation }: Reaction): string | null => {
  if (operation === null) return null;
  return state === 'asking' ? `hanse operations approve ${operation}` : operation;
};

export const listReactions = async (terminal: Terminal, options: { output: Format }): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listReactions, { query: { limit: 100 } });
  await show(terminal, options.output, items, () =>
    [
      tableOf(
        items,
        [
          ['PROVIDER', ({ provider }) => provider],
          ['APPLICATION', ({ application }) => application],
          ['CAUSE', ({ cause }) => cause],
          ['SINCE', ({ since }) => ageOf(since, Date.now())],
          ['STATE', ({ state }) => state],
          ['NEXT', next],
        ],
        'Nothing was seen of a federated provider that calls for a decision.',
      ),
      ...items.filter(({ state }) => state !== 'over').map(({ provider, found, because }) => clean(`\n${provider}: ${[found, ...because].join(' ')}\n`)),
    ].join(''),
  );
  return 'done';
};
