// What differs, and what would be done about it, as people read it.
import { stringify } from 'yaml';
import type { DeclaredChange, DeclaredOutcome, Difference } from '../../contract/src/declaration.ts';
import { clean } from './output.ts';
import { planText } from './planText.ts';
import type { Style } from './style.ts';

const shownMost = 100;

export const isOpen = ({ kind }: DeclaredOutcome): boolean => kind !== 'nothing';

export const changeText = ({ kind, name, place, differences, acts, notes }: DeclaredChange, style: Style): string => {
  const open = acts.filter(({ outcome }) => isOpen(outcome));
  const where = place === null ? '' : style.dim(` (${clean(place.file)}:${place.line})`);
  const head = `${style.bold(`${kind} ${clean(name)}`)}${where}`;
  const told = notes.map((note) => `  ${style.yellow('!')} ${clean(note)}`);
  if (open.length === 0) return [`${head}: nothing to do`, ...told].map((line) => `${line}\n`).join('');
  const lines = [
    head,
    ...differences.slice(0, shownMost).flatMap((difference) => differenceLines(difference, style)),
    ...(differences.length > shownMost ? [`  … and ${differences.length - shownMost} more`] : []),
    ...(differences.length === 0 ? ['  The document says what stands already; what it refers to has changed, or the world.'] : []),
    ...open.map(({ verb, outcome }) => `  ${style.cyan('→')} ${actText(verb, outcome)}`),
    ...told,
  ];
  return `${lines.join('\n')}\n`;
};

const actText = (verb: string, outcome: DeclaredOutcome): string => {
  switch (outcome.kind) {
    case 'plan':
      return `${verb}: ${clean(outcome.plan.title)} (${outcome.plan.steps.length} steps)`;
    case 'store':
      return 'it is stored';
    case 'forget':
      return 'it is forgotten';
    case 'later':
      return `${verb}, which is planned when what comes before it is done: now ${clean(outcome.why)}`;
    case 'refused':
      return `${verb} is refused: ${outcome.reasons.map(({ message, fix }) => clean(fix === undefined ? message : `${message} ${fix}`)).join(' ')}`;
    case 'nothing':
      return clean(outcome.reason);
  }
};

const differenceLines = ({ path, now, wanted }: Difference, style: Style): string[] => [
  ...(now === undefined ? [] : [style.red(`  - ${clean(path)}${path === '' ? '' : ': '}${shown(now)}`)]),
  ...(wanted === undefined ? [] : [style.green(`  + ${clean(path)}${path === '' ? '' : ': '}${shown(wanted)}`)]),
];

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return clean(text.length > 160 ? `${text.slice(0, 160)}…` : text).replaceAll('\n', '\\n');
};

export const plansText = (outcomes: readonly DeclaredOutcome[], style: Style): string =>
  outcomes.flatMap((outcome) => (outcome.kind === 'plan' ? [`\n${planText(outcome.plan, style)}`] : [])).join('');

/** YAML that is read again as it was, also by Kubernetes' rules (YAML 1.1, where more words need quotes than in 1.2). */
export const documentsText = (documents: readonly unknown[]): string =>
  documents.map((document) => stringify(document, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 })).join('---\n');
