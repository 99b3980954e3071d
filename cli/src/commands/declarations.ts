// Documents: compared, applied, printed. The broker translates them into requests of its verbs; here they are shown, asked about and followed.
import { declaredSchema } from '../../../contract/src/declaration.ts';
import type { DeclaredChange, DeclaredKind, DeclaredOutcome } from '../../../contract/src/declaration.ts';
import { routes } from '../../../contract/src/routes.ts';
import { type Client, connect } from '../client.ts';
import { readDeclared } from '../declared.ts';
import { changeText, documentsText, isOpen, plansText } from '../declaredText.ts';
import { type Exit, Failure, failWith } from '../failure.ts';
import { clean, type Format, show } from '../output.ts';
import { styleFor } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import type { ChangeOptions } from '../undertake.ts';
import { watch } from '../watch.ts';

type Named = { readonly filename: readonly string[]; readonly prune?: boolean };

/** Ends as `diff` and `kubectl diff` do: 0 nothing to do, 1 something, more than 1 it could not be told. */
export const diff = async (terminal: Terminal, options: Named & { output: Format; plans?: true }): Promise<Exit> => {
  try {
    const asked = { ...(await readDeclared(terminal, options.filename)), prune: options.prune === true };
    const { items } = await (await connect(terminal)).call(routes.planDeclarations, { body: { ...asked, dryRun: true } }, { repeatable: true });
    const style = styleFor(terminal, terminal.isOutTty);
    await show(
      terminal,
      options.output,
      items,
      () => items.map((item) => changeText(item, style)).join('') + (options.plans ? plansText(openOf(items), style) : ''),
    );
    if (refusalsOf(items).length > 0) return 'refused';
    return openOf(items).length === 0 ? 'done' : 'differs';
  } catch (error) {
    if (error instanceof Failure && error.exit === 'error') throw new Failure('notCompared', error.message, { fix: error.fix, problem: error.problem });
    throw error;
  }
};

const openOf = (items: readonly DeclaredChange[]): DeclaredOutcome[] => items.flatMap(({ acts }) => acts.map(({ outcome }) => outcome)).filter(isOpen);
const refusalsOf = (items: readonly DeclaredChange[]): DeclaredOutcome[] => openOf(items).filter(({ kind }) => kind === 'refused');

type Ready = { readonly name: string; readonly outcome: DeclaredOutcome; readonly operation: string | null };

const readyOf = (items: readonly DeclaredChange[]): Ready[] =>
  items.flatMap(({ name, acts }) =>
    acts.filter(({ isNext }) => isNext).map(({ outcome }) => ({ name, outcome, operation: outcome.kind === 'plan' ? (outcome.operation?.id ?? null) : null })),
  );

const roundsMax = 50;

type Saying = { say(text: string): void; readonly style: ReturnType<typeof styleFor> };

export const apply = async (terminal: Terminal, options: ChangeOptions & Named): Promise<Exit> => {
  const client = await connect(terminal);
  const asked = { ...(await readDeclared(terminal, options.filename)), prune: options.prune === true };
  const canApprove = options.yes === true || (terminal.isInteractive && options.output === 'table');
  const saying: Saying = {
    say: options.output === 'table' ? terminal.out : terminal.err,
    style: styleFor(terminal, options.output === 'table' ? terminal.isOutTty : terminal.isInteractive),
  };
  let done: readonly string[] = [];
  for (let round = 0; round < roundsMax; round += 1) {
    const { items } = await client.call(routes.planDeclarations, { body: { ...asked, dryRun: options.dryRun === true || !canApprove } });
    const end = endOf(terminal, items, { round, options, canApprove, ...saying });
    if (end !== null) return told(terminal, options, items, end);
    const ready = readyOf(items);
    const titles = ready.map(({ name, outcome }) => (outcome.kind === 'plan' ? `${outcome.plan.kind} ${outcome.plan.title}` : `${outcome.kind} ${name}`));
    if (titles.every((title) => done.includes(title))) throw noProgress(items);
    done = [...done, ...titles];
    const exit = await carryOut(terminal, client, { ready, options, ...saying });
    // --no-wait: it was started, as was asked
    if (exit === 'detached' && options.wait === false) return told(terminal, options, items, 'done');
    if (exit !== 'done') return exit;
  }
  throw failWith('error', `It is not as declared after ${roundsMax} rounds.`, 'Look with hanse diff what is still to be done.');
};

type Round = Saying & { readonly round: number; readonly options: ChangeOptions; readonly canApprove: boolean };

/** null: something is to be carried out now. */
const endOf = (terminal: Terminal, items: readonly DeclaredChange[], { round, options, canApprove, say, style }: Round): Exit | null => {
  const open = openOf(items);
  const isRefused = refusalsOf(items).length > 0;
  if (round === 0 || open.length === 0 || isRefused) say(items.map((item) => changeText(item, style)).join(''));
  if (isRefused) {
    terminal.err(round === 0 ? 'Refused: nothing was changed.\n' : 'Refused: what was done before stands.\n');
    return 'refused';
  }
  if (open.length === 0) return 'done';
  if (options.dryRun !== true && canApprove) return null;
  say(plansText(open, style));
  if (options.dryRun !== true) throw notApproved();
  terminal.err('A dry run: nothing was changed.\n');
  return 'done';
};

const told = async (terminal: Terminal, { output }: ChangeOptions, items: readonly DeclaredChange[], exit: Exit): Promise<Exit> => {
  if (output !== 'table') await show(terminal, output, items, () => '');
  return exit;
};

const notApproved = (): Failure =>
  failWith(
    'notApproved',
    'It was not approved: there is nobody to ask here, and --yes was not given.',
    'Run it again with --yes to carry it out, or with --dry-run to only see the plans.',
  );

const noProgress = (items: readonly DeclaredChange[]): Failure => {
  const [later] = openOf(items).flatMap((outcome) => (outcome.kind === 'later' ? [outcome.why] : []));
  return failWith(
    'refused',
    later === undefined ? 'It does not become what is declared: what was just done is to be done again.' : clean(later),
    'Look with hanse diff.',
  );
};

type Carrying = Saying & { readonly ready: readonly Ready[]; readonly options: ChangeOptions };

/** Policies that are stored or forgotten, or one plan. */
const carryOut = async (terminal: Terminal, client: Client, { ready, options, say, style }: Carrying): Promise<Exit> => {
  const id = ready.find(({ operation }) => operation !== null)?.operation ?? null;
  say(
    plansText(
      ready.map(({ outcome }) => outcome),
      style,
    ),
  );
  if (options.yes !== true && !/^y(es)?$/i.test((await terminal.ask('\nProceed? [y/N] ')).trim())) {
    if (id !== null) await client.call(routes.cancelOperation, { params: { id } }, { repeatable: true });
    terminal.err('Not approved: nothing more was changed.\n');
    return 'notApproved';
  }
  for (const { name, outcome } of ready) {
    if (outcome.kind === 'store') {
      await client.call(routes.putPolicy, { params: { name }, query: { dryRun: 'false' }, body: { text: outcome.text } }, { repeatable: true });
      terminal.err(`${style.green('✓')} Policy ${name} is stored.\n`);
    }
    if (outcome.kind === 'forget') {
      await client.call(routes.deletePolicy, { params: { name } });
      terminal.err(`${style.green('✓')} Policy ${name} is forgotten.\n`);
    }
  }
  if (id === null) return 'done';
  await client.call(routes.approveOperation, { params: { id } }, { repeatable: true });
  if (options.wait === false) {
    terminal.err(`Operation ${id} was started. When it has ended (hanse operations watch ${id}), apply again: what comes behind it is done then.\n`);
    return 'detached';
  }
  terminal.err('\n');
  return (await watch(terminal, client, id, { timeoutSeconds: options.timeout })).exit;
};

/** What stands, as documents that can be kept and applied. */
export const getDocuments = async (terminal: Terminal, kind: DeclaredKind, name: string | undefined, output: 'yaml' | 'json'): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listDeclarations, { query: { kind, ...(name !== undefined && { name }) } });
  if (output === 'json') terminal.out(`${JSON.stringify(name === undefined ? items : items[0], null, 2)}\n`);
  else terminal.out(documentsText(items));
  return 'done';
};

export const schema = (terminal: Terminal, kind: DeclaredKind): Exit => {
  terminal.out(`${JSON.stringify(declaredSchema(kind), null, 2)}\n`);
  return 'done';
};
