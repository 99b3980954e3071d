// Stored policies.
import { stringify } from 'yaml';
import { routes } from '../../../contract/src/routes.ts';
import { connect } from '../client.ts';
import type { Exit } from '../failure.ts';
import { readText } from '../files.ts';
import { clean, show } from '../output.ts';
import type { Format } from '../output.ts';
import type { Terminal } from '../terminal.ts';

type PutOptions = { output: Format; filename: string; dryRun?: true };

export const put = async (terminal: Terminal, name: string, options: PutOptions): Promise<Exit> => {
  const text = await readText(terminal, options.filename);
  const client = await connect(terminal);
  const { dryRun = false } = options;
  const now = (await client.call(routes.listPolicies, {})).items.find((policy) => policy.name === name);
  const policy = await client.call(routes.putPolicy, { params: { name }, query: { dryRun: dryRun ? 'true' : 'false' }, body: { text } }, { repeatable: true });
  const changes = lineChanges(now === undefined ? '' : stringify(now.record), stringify(policy.record));
  const done = dryRun ? `Policy ${name} would be stored; nothing was.` : `Policy ${name} is stored.`;
  const said = changes === '' ? `Nothing to do: policy ${name} says this already.` : `${clean(changes)}${done}`;
  await show(terminal, options.output, policy, () => `${said}\n`);
  return 'done';
};

/** Lines that go and lines that come, each where it stands; a line that only moved is both. */
const lineChanges = (before: string, after: string): string => {
  const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');
  const [old, fresh] = [linesOf(before), linesOf(after)];
  return [
    ...old.filter((line) => !fresh.includes(line)).map((line) => `- ${line}\n`),
    ...fresh.filter((line) => !old.includes(line)).map((line) => `+ ${line}\n`),
  ].join('');
};

export const forget = async (terminal: Terminal, name: string, { output, dryRun }: { output: Format; dryRun?: true }): Promise<Exit> => {
  const client = await connect(terminal);
  const policy = await client.call(routes.getPolicy, { params: { name } });
  if (dryRun !== true) await client.call(routes.deletePolicy, { params: { name } });
  const done = dryRun === true ? `Policy ${name} would be forgotten; nothing was.` : `Policy ${name} is forgotten.`;
  await show(terminal, output, policy, () => `${clean(lineChanges(stringify(policy.record), ''))}${done}\n`);
  return 'done';
};
