// What every changing verb does: plan, show, ask, approve, watch.
import { randomUUID } from 'node:crypto';
import { routes } from '../../contract/src/routes.ts';
import { connect } from './client.ts';
import { failWith } from './failure.ts';
import type { Exit } from './failure.ts';
import { show } from './output.ts';
import type { Format } from './output.ts';
import { planText } from './planText.ts';
import { styleFor } from './style.ts';
import type { Terminal } from './terminal.ts';
import { watch } from './watch.ts';

export type ChangeOptions = {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  /** false: --no-wait. */
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly output: Format;
};

/** `request` as the verb's schema in the broker wants it; absent fields are left out. */
export const undertake = async (terminal: Terminal, verb: string, request: object, options: ChangeOptions): Promise<Exit> => {
  const client = await connect(terminal);
  const mayAsk = terminal.isInteractive && options.output === 'table';
  const canApprove = options.yes === true || mayAsk;
  const dryRun = options.dryRun === true || !canApprove;
  // the key makes it harmless to send it again when the connection breaks before the answer
  const planned = await client.call(
    routes.createOperation,
    { body: { verb, request, dryRun } },
    { headers: { 'idempotency-key': randomUUID() }, repeatable: true },
  );
  const tell = (value: unknown, text: string): Promise<void> => show(terminal, options.output, value, () => text);
  if (planned.kind === 'nothing') {
    await tell(planned, `Nothing to do: ${planned.reason}\n`);
    return 'done';
  }
  const text = planText(planned.plan, styleFor(terminal, options.output === 'table' ? terminal.isOutTty : terminal.isInteractive));
  if (options.output === 'table') terminal.out(text);
  else terminal.err(text);
  if (options.dryRun === true) {
    if (options.output !== 'table') await tell(planned, '');
    terminal.err('A dry run: nothing was changed.\n');
    return 'done';
  }
  if (planned.operation === null) {
    throw failWith(
      'notApproved',
      'The plan was not approved: there is nobody to ask here, and --yes was not given.',
      'Run it again with --yes to carry it out, or with --dry-run to only see the plan.',
    );
  }
  const { id } = planned.operation;
  if (options.yes !== true && !/^y(es)?$/i.test((await terminal.ask('\nProceed? [y/N] ')).trim())) {
    await client.call(routes.cancelOperation, { params: { id } }, { repeatable: true });
    terminal.err('Not approved: nothing was changed.\n');
    return 'notApproved';
  }
  const approved = await client.call(routes.approveOperation, { params: { id } }, { repeatable: true });
  if (options.wait === false) {
    await tell(approved, `Operation ${id} was started.\n  hanse operations watch ${id}    to see it\n  hanse operations cancel ${id}   to undo it\n`);
    return 'done';
  }
  terminal.err('\n');
  const { exit, operation } = await watch(terminal, client, id, { timeoutSeconds: options.timeout });
  if (options.output !== 'table') await tell(operation ?? approved, '');
  return exit;
};
