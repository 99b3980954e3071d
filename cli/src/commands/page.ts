// The way of a browser into the web page.
import { routes } from '../../../contract/src/routes.ts';
import { connect } from '../client.ts';
import type { Exit } from '../failure.ts';
import { show } from '../output.ts';
import type { Format } from '../output.ts';
import type { Terminal } from '../terminal.ts';

export const page = async (terminal: Terminal, options: { output: Format }): Promise<Exit> => {
  const client = await connect(terminal);
  const { path, validUntil } = await client.call(routes.createPageLink, {});
  const link = { url: client.url + path, validUntil };
  await show(terminal, options.output, link, () => `${link.url}\nIt lets one browser in, once, within five minutes.\n`);
  return 'done';
};
