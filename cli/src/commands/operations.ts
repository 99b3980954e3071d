// Operations: seen, followed, steered.
import { routes } from '../../../contract/src/routes.ts';
import type { Entry, Operation, OperationDetail, OperationState } from '../../../contract/src/operation.ts';
import { connect } from '../client.ts';
import type { Exit } from '../failure.ts';
import { ageOf, clean, show, tableOf } from '../output.ts';
import type { Format } from '../output.ts';
import { measuredText } from '../measuredText.ts';
import { planText } from '../planText.ts';
import { styleFor } from '../style.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { answersText, endText, exitOf, watch } from '../watch.ts';

type Options = { readonly output: Format };
type Wait = Options & { readonly wait?: boolean; readonly timeout?: number };

export const list = async (terminal: Terminal, options: Options & { state?: OperationState; limit?: number }): Promise<Exit> => {
  const query = { ...(options.state && { state: options.state }), ...(options.limit !== undefined && { limit: options.limit }) };
  const { items } = await (await connect(terminal)).call(routes.listOperations, { query });
  await show(terminal, options.output, items, () =>
    tableOf(
      items,
      [
        ['ID', ({ id }) => id],
        ['VERB', ({ kind }) => kind],
        ['SUBJECT', ({ subject }) => subject],
        ['STATE', standingOf],
        ['STEPS', ({ stepsDone, stepsTotal }) => `${stepsDone}/${stepsTotal}`],
        ['AGE', ({ createdAt }) => ageOf(createdAt, Date.now())],
        ['BY', ({ actor }) => actor],
      ],
      'There is no operation.',
    ),
  );
  return 'done';
};

const standingOf = ({ state, cancelRequested, pause }: Operation): string =>
  pause !== null ? `${state}, ${pause === 'paused' ? 'paused' : 'pausing'}` : cancelRequested && state === 'running' ? 'cancelling' : state;

export const showOne = async (terminal: Terminal, id: string, options: Options): Promise<Exit> => {
  const found = await (await connect(terminal)).call(routes.getOperation, { params: { id } });
  await show(terminal, options.output, found, () => detailText(found, styleFor(terminal, terminal.isOutTty)));
  return 'done';
};

const detailText = (found: OperationDetail, style: Style): string => {
  const head = `${style.bold(found.id)}: ${found.kind} ${clean(found.subject)}, ${standingOf(found)}, ${found.stepsDone} of ${found.stepsTotal} steps, by ${clean(found.actor)}\n\n`;
  const journal = tableOf(
    found.journal.filter(({ state }) => state !== 'intended'),
    [
      ['AT', ({ at }) => at.replace('T', ' ').slice(0, 19)],
      ['STEP', ({ step }) => step + 1],
      ['PHASE', ({ phase }) => phase],
      ['TRY', ({ attempt }) => attempt],
      ['STATE', ({ state }) => state],
      ['WHAT', (entry) => whatOf(entry)],
    ],
    'Nothing was done yet.',
  );
  const question = found.question === null ? '' : `\n${style.yellow('?')} ${clean(found.question.text)}\n${answersText(found.id, found.question)}\n`;
  const end = ['done', 'rolledBack', 'failed', 'discarded'].includes(found.state) ? `\n${endText(found, style)}\n${measuredText(found)}` : '';
  return `${head}${planText(found.plan, style)}\n${journal}${question}${end}`;
};

const whatOf = ({ failure, waitFor, question, answer, made = [] }: Entry): string =>
  failure?.message ?? waitFor ?? question?.text ?? answer ?? made.map(({ kind, name, cluster }) => `${kind}/${name} at ${cluster}`).join(', ');

export const watchOne = async (terminal: Terminal, id: string, options: Wait): Promise<Exit> => {
  const client = await connect(terminal);
  const { exit, operation } = await watch(terminal, client, id, { timeoutSeconds: options.timeout });
  if (options.output !== 'table') await show(terminal, options.output, operation, () => '');
  return exit;
};

const steer = async (
  terminal: Terminal,
  id: string,
  options: Wait,
  said: string,
  act: (client: Awaited<ReturnType<typeof connect>>) => Promise<unknown>,
): Promise<Exit> => {
  const client = await connect(terminal);
  const answer = await act(client);
  if (options.wait === true) return watchOne(terminal, id, options);
  await show(terminal, options.output, answer, () => `${said}\n  hanse operations watch ${id}   to see it\n`);
  return 'done';
};

export const approve = (terminal: Terminal, id: string, options: Wait): Promise<Exit> =>
  steer(terminal, id, options, `Operation ${id} is approved.`, (client) => client.call(routes.approveOperation, { params: { id } }, { repeatable: true }));

export const cancel = async (terminal: Terminal, id: string, options: Wait): Promise<Exit> => {
  const client = await connect(terminal);
  const answer = await client.call(routes.cancelOperation, { params: { id } }, { repeatable: true });
  if (options.wait === true && exitOf(answer) !== 'notApproved') {
    const exit = await watchOne(terminal, id, options);
    return exit === 'rolledBack' ? 'done' : exit; // what was asked for has happened
  }
  const said =
    answer.state === 'discarded'
      ? `The plan ${id} is discarded; nothing was changed.\n`
      : `Operation ${id} is being cancelled: what was done is undone.\n  hanse operations watch ${id}   to see it\n`;
  await show(terminal, options.output, answer, () => said);
  return 'done';
};

export const pause = (terminal: Terminal, id: string, options: Options): Promise<Exit> =>
  steer(terminal, id, options, `Operation ${id} begins no other step.\n  hanse operations resume ${id}   to let it go on`, (client) =>
    client.call(routes.pauseOperation, { params: { id } }, { repeatable: true }),
  );

export const resume = (terminal: Terminal, id: string, options: Wait): Promise<Exit> =>
  steer(terminal, id, options, `Operation ${id} goes on.`, (client) => client.call(routes.resumeOperation, { params: { id } }, { repeatable: true }));

export const retry = (terminal: Terminal, id: string, options: Wait): Promise<Exit> =>
  steer(terminal, id, options, `Operation ${id} tries again.`, (client) => client.call(routes.retryOperation, { params: { id } }));

export const answer = (terminal: Terminal, id: string, key: string, options: Wait): Promise<Exit> =>
  steer(terminal, id, options, `Operation ${id} goes on.`, (client) => client.call(routes.answerOperation, { params: { id }, body: { answer: key } }));
