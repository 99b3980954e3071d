// Options that several commands share.
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Exit } from './failure.ts';
import { formats } from './output.ts';

export type Runner = <Args extends readonly unknown[]>(act: (...args: Args) => Promise<Exit>) => (...args: Args) => Promise<void>;

export const reading = (command: Command): Command =>
  command.addOption(new Option('-o, --output <format>', 'form of the answer').choices(formats).default('table'));

export const timed = (command: Command): Command => command.option('--timeout <seconds>', 'detach after so long; the operation goes on', positive);

export const changing = (command: Command): Command =>
  timed(reading(command))
    .option('--dry-run', 'show the plan and change nothing')
    .option('-y, --yes', 'approve the plan without being asked')
    .option('--wait', 'follow it to its end (default)')
    .option('--no-wait', 'start it and return');

export const whereAbout =
  'country=DE,NL · label>=L1@certified · memory>=64GiB · cpu.cores=8..64 · distance(52.37,4.9)<=500km; can be repeated, all must hold; hanse facts lists the words';

export const choosing = (command: Command): Command =>
  command
    .option('--where <criterion>', whereAbout, collect)
    .option('--prefer <fact>', 'what to prefer among those that fit: price, cpu.cores:highest*2, or a criterion: country=DE*3; can be repeated', collect);

export const paused = (command: Command): Command =>
  command
    .option('--connection-age <seconds>', 'greatest age of connections that your clients keep (10)', positive)
    .option('--ready <seconds>', 'how long new replicas may take to become ready (300)', positive)
    .option('--soak <seconds>', 'how long it is watched at its new place before the old one is given up (10)', positive);

export const sized = (command: Command): Command =>
  command
    .option('--cpu <cores>', 'CPU to borrow, as Kubernetes writes it: 4, 500m')
    .option('--memory <size>', 'memory to borrow: 8Gi')
    .option('--pods <number>', 'pods to borrow', positive)
    .option('--gpus <number>', 'GPUs to borrow', positive);

export const collect = (text: string, before: readonly string[] | undefined): string[] => [...(before ?? []), text];

export const positive = (text: string): number => {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number < 0) throw new InvalidArgumentError('It must be a number.');
  return number;
};

/** With an argument `<kind>`: whoever names none, or one that is none, is told which there are. */
export const ofKind = (command: Command, words: readonly string[]): Command =>
  command
    .argument('<kind>', words.join(', '), oneOf(words, 'There is no such kind.'))
    .showHelpAfterError(`Kinds: ${words.join(', ')}.\nUse --help to see how it is used.`);

export const oneOf =
  <Word extends string>(words: readonly Word[], wrong = `It must be one of ${words.join(', ')}.`) =>
  (text: string): Word => {
    const found = words.find((word) => [text, `${text}s`, text.replace(/y$/, 'ies')].includes(word));
    if (found === undefined) throw new InvalidArgumentError(wrong);
    return found;
  };
