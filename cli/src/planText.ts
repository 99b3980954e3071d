// A plan as people read it before they approve: what each step does, on whose authority, what undoes it, and where the way back ends.
import type { Plan, Side, Step } from '../../contract/src/plan.ts';
import { clean } from './output.ts';
import type { Style } from './style.ts';

export const planText = (plan: Plan, style: Style): string => {
  const width = String(plan.steps.length).length;
  const lines = [style.bold(clean(plan.title)), ''];
  plan.steps.forEach((step, index) => {
    if (index === plan.pointOfNoReturn)
      lines.push(style.yellow(`${' '.repeat(width + 2)}── point of no return: from here a failure asks you, it is not undone ──`));
    lines.push(...stepLines(step, String(index + 1).padStart(width), style));
  });
  if (plan.notes.length > 0) lines.push('', ...plan.notes.map(({ topic, text }) => `  ${style.bold(`${clean(topic)}:`)} ${clean(text)}`));
  lines.push('', summary(plan));
  return `${lines.join('\n')}\n`;
};

const stepLines = (step: Step, number: string, style: Style): string[] => {
  const sign = step.destructive ? style.red('-') : style.green(step.undo.kind === 'nothing' ? ' ' : '+');
  const indent = ' '.repeat(number.length + 5);
  return [`${number}  ${sign} ${clean(step.title)}`, style.dim(`${indent}${authority(step.side)}; ${undoText(step)}`)];
};

const authority = ({ role, cluster, exchange }: Side): string => {
  if (role === 'exchange') return `with your account at ${clean(exchange ?? 'the exchange')}`;
  if (role === 'broker') return cluster === undefined ? 'here in the broker' : `in the broker, for ${clean(cluster)}`;
  const at = cluster === undefined ? '' : ` at ${clean(cluster)}`;
  return role === 'consumer' ? `with your account${at}` : `with the account that the provider granted${at}`;
};

const undoText = ({ undo }: Step): string => {
  switch (undo.kind) {
    case 'undo':
      return `undone by: ${clean(undo.title)}`;
    case 'irreversible':
      return `cannot be undone: ${clean(undo.why)}`;
    case 'nothing':
      return 'leaves nothing to undo';
  }
};

const summary = ({ steps, pointOfNoReturn }: Plan): string => {
  const destructive = steps.filter((step) => step.destructive).length;
  const parts = [
    count(steps.length, 'step'),
    destructive === 0 ? 'none deletes anything' : `${destructive} ${destructive === 1 ? 'deletes' : 'delete'} something`,
  ];
  const back = pointOfNoReturn === null ? 'a failure at any step undoes everything' : `a failure before step ${pointOfNoReturn + 1} undoes everything`;
  return `Plan: ${parts.join(', ')}; ${back}.`;
};

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
