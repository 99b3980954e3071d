// Describes a cluster: what can be read of it is read, what cannot is asked of a person or named with the flag that says it.
import { join } from 'node:path';
import { survey } from '../../../broker/src/clusters/io/index.ts';
import { ask, describe as described, questions } from '../../../broker/src/publishing/index.ts';
import type { Answers, Question } from '../../../broker/src/publishing/index.ts';
import { writeFolder } from '../../../broker/src/publishing/io/index.ts';
import { failWith } from '../failure.ts';
import type { Exit } from '../failure.ts';
import { readText } from '../files.ts';
import { offline } from '../offline.ts';
import { clean, tableOf } from '../output.ts';
import type { Terminal } from '../terminal.ts';

export type DescribeOptions = {
  readonly kubeconfig: string;
  readonly context?: string;
  readonly out?: string;
  readonly set?: readonly string[];
  readonly answers?: string;
  readonly allow?: readonly string[];
};

export const describe = async (terminal: Terminal, options: DescribeOptions): Promise<Exit> => {
  const { context, allow = [], out } = options;
  const given = { ...(options.answers === undefined ? {} : await answersIn(terminal, options.answers)), ...answersOf(options.set ?? []) };
  const kubeconfig = await readText(terminal, options.kubeconfig);
  const found = await offline(() => survey({ kubeconfig, context, allowedAddresses: allow }));
  if (found.liqoClusterId === null) terminal.err('Warning: Liqo was not found there. Nobody can federate with the cluster before it is installed.\n');
  const read = ask(found, {}).answers;
  const all = await complete(terminal, given, (said) => ask(found, said));
  const documents = described(all);
  if (out === undefined) {
    terminal.out(`${JSON.stringify(Object.fromEntries(documents.map(({ name, document }) => [name, document])), null, 2)}\n`);
    return 'done';
  }
  const { stringify } = await import('yaml');
  const own = Object.fromEntries(Object.entries(all).filter(([name, value]) => read[name] !== value));
  await writeFolder(out, {
    ...Object.fromEntries(documents.map(({ name, document }) => [`${name}.json`, `${JSON.stringify(document, null, 2)}\n`])),
    'answers.yaml': stringify(own),
  });
  terminal.out(summary(all, read));
  terminal.out(
    `\n${documents.length} documents are in ${out}: ${documents.map(({ name }) => `${name}.json`).join(', ')}. What you said is in ${join(out, 'answers.yaml')}.\n`,
  );
  terminal.out(`Read them: you answer for what they say. Then: hanse sign ${out} --key FILE\n`);
  return 'done';
};

type Ask = (said: Answers) => ReturnType<typeof ask>;

/** Asks until nothing is missing, where a person is there. */
const complete = async (terminal: Terminal, given: Answers, asking: Ask): Promise<Answers> => {
  const said: Record<string, string> = { ...given };
  for (;;) {
    const { answers, missing, faults } = asking(said);
    const [fault] = faults;
    if (fault !== undefined)
      throw failWith(
        'usage',
        `${faults.map(({ message }) => message).join('; ')}.`,
        faults.length === 1 ? fault.fix : 'hanse describe --help; each answer has a form.',
      );
    const [next] = missing;
    if (next === undefined) return answers;
    if (!terminal.isInteractive) throw failWith('usage', missingText(missing), 'Say it with --set, or in a file: --answers FILE.');
    said[next.name] = await answerTo(terminal, next);
  }
};

const answerTo = async (terminal: Terminal, { name, about, example, form }: Question): Promise<string> => {
  for (let tries = 0; tries < 3; tries += 1) {
    const answer = (await terminal.ask(`${name}: ${about} (such as ${example}) `)).trim();
    if (form.test(answer)) return answer;
    terminal.err(answer === '' ? 'It is needed.\n' : 'It does not have the form of such an answer.\n');
  }
  throw failWith('usage', `${name} was not answered.`, `Say it with --set ${name}=${example}`);
};

const missingText = (missing: readonly Question[]): string =>
  `The cluster does not say:\n${missing.map(({ name, about, example }) => `  --set ${name}=…   ${about}, such as ${example}`).join('\n')}`;

const summary = (answers: Answers, read: Answers): string =>
  tableOf(
    questions.filter(({ name }) => answers[name] !== undefined),
    [
      ['WHAT', ({ name }) => name],
      ['IS', ({ name }) => (answers[name] ?? '').slice(0, 80)],
      ['BY', ({ name }) => (answers[name] === read[name] ? 'the cluster' : 'you')],
    ],
    '',
  );

const answersOf = (set: readonly string[]): Answers =>
  Object.fromEntries(
    set.map((each) => {
      const at = each.indexOf('=');
      if (at < 1) throw failWith('usage', `--set ${clean(each.slice(0, 60))} has no value.`, 'Write it as --set NAME=VALUE.');
      return [each.slice(0, at).trim(), each.slice(at + 1).trim()];
    }),
  );

/** A flat YAML map; lists are taken too. What it holds is never repeated: it might be the wrong file. */
const answersIn = async (terminal: Terminal, file: string): Promise<Answers> => {
  const refuse = (line?: number) =>
    failWith('usage', `${file}${line === undefined ? '' : `:${line}`} is not a YAML file of answers.`, 'It has one NAME: VALUE a line, as answers.yaml has.');
  const { LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(await readText(terminal, file), { lineCounter: lines, uniqueKeys: true, schema: 'failsafe' });
  const [broken] = document.errors;
  if (broken !== undefined) throw refuse(lines.linePos(broken.pos[0]).line);
  const value: unknown = document.toJS({ maxAliasCount: 10 });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse();
  return Object.fromEntries(
    Object.entries(value).map(([name, each]): [string, string] => {
      const listed = Array.isArray(each) ? each : [each];
      if (!listed.every((one) => typeof one === 'string')) throw refuse();
      return [name, listed.join(',')];
    }),
  );
};
