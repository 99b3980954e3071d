// Where credentials come from, and how it stands with each source.
import { routes } from '../../../contract/src/routes.ts';
import type { SourceOfCredentials } from '../../../contract/src/source.ts';
import { connect } from '../client.ts';
import type { Exit } from '../failure.ts';
import { show, tableOf } from '../output.ts';
import type { Format } from '../output.ts';
import type { Terminal } from '../terminal.ts';

type Options = { readonly output: Format };

export const listSources = async (terminal: Terminal, options: Options): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listSources, {});
  await show(terminal, options.output, items, () => inWords(items));
  return 'done';
};

export const harvestSources = async (terminal: Terminal, options: Options): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.harvestSources, {});
  await show(terminal, options.output, items, () => inWords(items));
  return 'done';
};

const inWords = (items: readonly SourceOfCredentials[]): string =>
  tableOf(
    items,
    [
      ['SOURCE', ({ name }) => name],
      ['LAST SUCCESS', ({ succeededAt }) => succeededAt],
      ['CURSOR', ({ cursor }) => cursor],
      ['HELD', ({ held }) => held],
      ['RECEIVED', ({ received }) => received],
      ['REFUSED', ({ refused }) => refused],
      ['WHY', whyOf],
    ],
    'No sources: credentials.sources in the configuration names folders, https addresses and services.',
  );

function whyOf({ limited, failure, reasons }: SourceOfCredentials): string | null {
  if (limited !== null) return `limited until ${limited.until}: ${limited.reason}`;
  const [newest] = reasons;
  return failure ?? (newest === undefined ? null : `refused ${newest.id}: ${newest.reason}`);
}
