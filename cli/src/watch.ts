// Shows an operation as it goes, and ends with the exit code that tells how it ended.
import { z } from 'zod';
import { finalStates } from '../../contract/src/operation.ts';
import type { Operation, Question } from '../../contract/src/operation.ts';
import { routes } from '../../contract/src/routes.ts';
import type { Client } from './client.ts';
import type { Exit } from './failure.ts';
import { measuredText } from './measuredText.ts';
import { clean } from './output.ts';
import { follow } from './stream.ts';
import type { Told } from './stream.ts';
import { styleFor } from './style.ts';
import type { Style } from './style.ts';
import type { Terminal } from './terminal.ts';

export type Watched = { readonly exit: Exit; readonly operation: Operation | null };

/** Verbs whose journal tells what a move cost. */
const moving: ReadonlySet<string> = new Set(['migrate', 'evacuate']);

type Watch = { readonly timeoutSeconds?: number | undefined };

/** Progress goes to standard error. Ctrl-C and the time limit detach: the operation goes on. */
export const watch = async (terminal: Terminal, client: Client, id: string, options: Watch = {}): Promise<Watched> => {
  const detach = new AbortController();
  const stopListening = terminal.onInterrupt(() => detach.abort());
  const timer = options.timeoutSeconds === undefined ? undefined : setTimeout(() => detach.abort(), options.timeoutSeconds * 1000);
  const screen = makeScreen(terminal);
  let operation: Operation | null = null;
  try {
    for await (const told of follow(client, id, detach.signal)) {
      screen.tell(told);
      if (told.kind !== 'standing') continue;
      if (told.operation.pause === 'paused' && operation?.pause !== 'paused') screen.line(`Paused.\n  hanse operations resume ${id}   to let it go on`);
      operation = told.operation;
      if (operation.state === 'asking' && operation.question && !(await answered(terminal, client, operation, operation.question, screen)))
        return { exit: 'asking', operation };
    }
    if (operation === null || !finalStates.includes(operation.state)) {
      screen.line(`Detached: operation ${id} goes on.\n  hanse operations watch ${id}    to see it again\n  hanse operations cancel ${id}   to undo it`);
      return { exit: 'detached', operation };
    }
    screen.line(endText(operation, screen.style));
    if (operation.state === 'done' && moving.has(operation.kind)) {
      // the move is done, whether or not this can still be asked
      const detail = await client.call(routes.getOperation, { params: { id } }).catch(() => null);
      if (detail !== null) terminal.err(measuredText(detail));
    }
    return { exit: exitOf(operation), operation };
  } finally {
    screen.clear();
    stopListening();
    clearTimeout(timer);
  }
};

export const exitOf = ({ state }: Operation): Exit => {
  if (state === 'done') return 'done';
  if (state === 'rolledBack') return 'rolledBack';
  if (state === 'discarded') return 'notApproved';
  return state === 'asking' ? 'asking' : 'error';
};

const answered = async (terminal: Terminal, client: Client, operation: Operation, question: Question, screen: Screen): Promise<boolean> => {
  screen.line(`${screen.style.yellow('?')} ${clean(question.text)}`);
  if (!terminal.isInteractive) {
    screen.line(`The operation waits for an answer:\n${answersText(operation.id, question)}`);
    return false;
  }
  screen.line(question.options.map(({ key, title }) => `  ${key}: ${clean(title)}`).join('\n'));
  for (;;) {
    const answer = (await terminal.ask(`  Answer [${question.options.map(({ key }) => key).join('/')}]: `)).trim();
    if (answer === '') return false;
    if (!question.options.some(({ key }) => key === answer)) continue;
    await client.call(routes.answerOperation, { params: { id: operation.id }, body: { answer } });
    return true;
  }
};

/** A command for each answer. */
export const answersText = (id: string, { options }: Question): string =>
  options.map(({ key, title }) => `  hanse operations answer ${id} ${key}   ${clean(title)}`).join('\n');

type Screen = { readonly style: Style; tell(told: Told): void; line(text: string): void; clear(): void };

/** Lines that stay, and on a terminal one that is rewritten. */
const makeScreen = (terminal: Terminal): Screen => {
  const style = styleFor(terminal, terminal.isInteractive);
  let passing = '';
  const clear = (): void => {
    if (passing !== '') terminal.err('\r\u001b[K');
    passing = '';
  };
  const line = (text: string): void => {
    clear();
    terminal.err(`${text}\n`);
  };
  const pass = (text: string): void => {
    if (!terminal.isInteractive) return;
    clear();
    passing = text.slice(0, Math.max(20, terminal.columns - 1));
    terminal.err(passing);
  };
  const tell = (told: Told): void => {
    if (told.kind === 'lost') line(style.yellow(`The connection was lost (${clean(told.reason)}). The operation goes on; reconnecting …`));
    if (told.kind === 'back') line(style.yellow('Connected again.'));
    if (told.kind !== 'event') return;
    const step = stepEvent.safeParse(told.event.data);
    const progress = progressEvent.safeParse(told.event.data);
    if (told.event.kind === 'step' && step.success) tellStep(step.data, { line, pass, style });
    if (told.event.kind === 'progress' && progress.success)
      pass(`  … ${clean(progress.data.message)}${progress.data.fraction === undefined ? '' : ` (${Math.round(progress.data.fraction * 100)} %)`}`);
  };
  return { style, tell, line, clear };
};

const stepEvent = z.object({
  step: z.number(),
  steps: z.number(),
  phase: z.string(),
  attempt: z.number(),
  state: z.string(),
  title: z.string(),
  failure: z.object({ message: z.string(), fix: z.string() }).optional(),
  waitFor: z.string().optional(),
  wakeAt: z.string().optional(),
});
const progressEvent = z.object({ message: z.string(), fraction: z.number().optional() });

type Lines = { line(text: string): void; pass(text: string): void; readonly style: Style };

const tellStep = (event: z.infer<typeof stepEvent>, { line, pass, style }: Lines): void => {
  const number = `${String(event.step + 1).padStart(String(event.steps).length)}/${event.steps}`;
  const title = clean(event.title);
  const isUndo = event.phase === 'undo';
  switch (event.state) {
    case 'intended':
      return pass(`${style.cyan(isUndo ? '↩' : '•')} ${number} ${title}`);
    case 'done':
      if (event.phase === 'check') return;
      return line(isUndo ? `${style.yellow('↩')} ${number} ${title}` : `${style.green('✓')} ${number} ${title}`);
    case 'waiting':
      return line(`${style.cyan('…')} ${number} ${title}: waits for ${clean(event.waitFor ?? 'something')}${untilText(event.wakeAt)}`);
    case 'failed': {
      const told = clean(event.failure?.message ?? 'failed');
      if (event.wakeAt !== undefined) return line(`${style.yellow('!')} ${number} ${title}: ${told} Trying again${untilText(event.wakeAt, ' at ')}.`);
      return line(`${style.red('✗')} ${number} ${title}: ${told}${event.failure ? `\n      ${clean(event.failure.fix)}` : ''}`);
    }
  }
};

const untilText = (at: string | undefined, word = ' until '): string => (at === undefined ? '' : `${word}${new Date(at).toLocaleTimeString('en-GB')}`);

const outcome = z.object({
  failure: z.object({ message: z.string(), fix: z.string() }).optional(),
  leftBehind: z.array(z.string()).optional(),
  notDone: z.array(z.string()).optional(),
});

const listText = (head: string, titles: readonly string[]): string =>
  titles.length === 0 ? '' : `\n${head}\n${titles.map((title) => `  - ${clean(title)}`).join('\n')}`;

const tookText = (ms: number): string => {
  if (ms < 1_000) return `${Math.max(0, ms)} ms`;
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
};

export const endText = (operation: Operation, style: Style): string => {
  const took = tookText(Date.parse(operation.updatedAt) - Date.parse(operation.createdAt));
  const { failure, leftBehind = [], notDone = [] } = outcome.safeParse(operation.outcome).data ?? {};
  const why = failure ? `: ${clean(failure.message)}\n  ${clean(failure.fix)}` : '.';
  const taken = leftBehind.length === 0 ? '' : `\nWhat was left is yours to look after; its objects: hanse operations show ${operation.id}`;
  const left = `${listText('Left behind by:', leftBehind)}${listText('Not done:', notDone)}${taken}`;
  const title = clean(operation.title);
  switch (operation.state) {
    case 'done':
      return style.green(`Done after ${took}: ${title}`);
    case 'rolledBack':
      return `${style.yellow(`Rolled back${operation.cancelRequested ? ' as asked' : ''}: ${title}`)}${why}${left}`;
    case 'discarded':
      return `Discarded: ${title}`;
    default:
      return `${style.red(`Failed: ${title}`)}${why}${left}`;
  }
};
