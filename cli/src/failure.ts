// How the command line ends: exit codes that scripts can rely on, and sentences that say what happened and what to do.
import type { Problem } from '../../contract/src/problem.ts';
import { clean } from './output.ts';

export const exitCodes = {
  done: [0, 'done, or nothing to do'],
  error: [1, 'an error; what happened and what to do is on standard error'],
  usage: [2, 'the command was used wrongly'],
  refused: [3, 'Hanse or a provider refuses, or nothing fits the criteria; nothing was changed'],
  rolledBack: [4, 'it failed or was cancelled, and everything was undone'],
  asking: [5, 'the operation needs an answer of a person'],
  detached: [6, 'the operation goes on without this command (Ctrl-C or --timeout)'],
  differs: [1, 'hanse diff: something is to be done'],
  notApproved: [7, 'the plan was not approved; nothing was changed'],
  notCompared: [8, 'hanse diff: it could not be compared'],
  unverified: [8, 'hanse check: nothing is wrong, but not everything could be found out'],
} as const satisfies Record<string, readonly [number, string]>;

export type Exit = keyof typeof exitCodes;

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exit: Exit;
  readonly fix: string | undefined;
  readonly problem: Problem | undefined;

  constructor(exit: Exit, message: string, more: { fix?: string | undefined; problem?: Problem | undefined } = {}) {
    super(message);
    this.exit = exit;
    this.fix = more.fix;
    this.problem = more.problem;
  }
}

export const failWith = (exit: Exit, message: string, fix?: string): Failure => new Failure(exit, message, { fix });

const refusals = new Set([
  'REFUSED',
  'NOTHING_FITS',
  'PROVIDER_REFUSED',
  'STALE_PLAN',
  'CAPACITY_TAKEN',
  'PREFLIGHT_FAILED',
  'KUBECONFIG_REJECTED',
  'MANIFEST_REJECTED',
  'CREDENTIAL_UNTRUSTED',
  'OBJECT_NOT_OURS',
]);

export const failureOf = (problem: Problem): Failure => new Failure(exitOf(problem), problem.detail, { fix: problem.fix, problem });

const exitOf = ({ code }: Problem): Exit => {
  if (refusals.has(code)) return 'refused';
  return code === 'INVALID_REQUEST' ? 'usage' : 'error';
};

/** For people: what happened, where, what to do. */
export const failureText = (failure: Failure): string => {
  const { problem } = failure;
  const faults = problem?.faults ?? [];
  // of several they are told right below, and the first is not told twice
  const head = faults.length > 1 ? failure.message.replace(/ \(and \d+ more\)$/, '') : failure.message;
  const lines = [`Error: ${head}`];
  if (faults.length > 1) {
    for (const fault of faults.filter(({ message }, index) => index > 0 || message !== head)) {
      const where = placeText(fault.place);
      lines.push(
        `  - ${where === '' || fault.message.includes(where) ? '' : `${where}: `}${fault.message}${fault.fix !== undefined && fault.fix !== failure.fix ? ` ${fault.fix}` : ''}`,
      );
    }
  } else {
    const where = placeText(problem?.place);
    if (where !== '' && !failure.message.includes(where)) lines.push(`  at ${where}`);
  }
  if (failure.fix !== undefined && failure.fix !== '') lines.push(`  ${failure.fix}`);
  if (problem?.code === 'INTERNAL') lines.push(`  Request ${problem.request} in the log of the broker.`);
  // what a provider or its cluster said stands among them
  return `${clean(lines.join('\n'))}\n`;
};

const placeText = (place: Problem['place']): string => {
  if (!place) return '';
  const { file, line, path } = place;
  const at = [file, line].filter((part) => part !== undefined).join(':');
  // what the API calls a part of the HTTP request means nothing to who typed a command
  const field = path === undefined || /^(headers|params|query|body)\b/.test(path) ? '' : path.replace(/^request\./, '');
  return [at, field].filter((part) => part !== '').join(' ');
};
