// Stored policies.
import { routes } from '../../../contract/src/routes.ts';
import { connect } from '../client.ts';
import type { Exit } from '../failure.ts';
import { readText } from '../files.ts';
import { show } from '../output.ts';
import type { Format } from '../output.ts';
import type { Terminal } from '../terminal.ts';

export const put = async (terminal: Terminal, name: string, options: { output: Format; filename: string }): Promise<Exit> => {
  const text = await readText(terminal, options.filename);
  const policy = await (await connect(terminal)).call(routes.putPolicy, { params: { name }, body: { text } }, { repeatable: true });
  await show(terminal, options.output, policy, () => `Policy ${name} is stored.\n`);
  return 'done';
};

export const forget = async (terminal: Terminal, name: string): Promise<Exit> => {
  await (await connect(terminal)).call(routes.deletePolicy, { params: { name } });
  terminal.out(`Policy ${name} is forgotten.\n`);
  return 'done';
};
