// One run of the command line: words in, exit code out.
import { CommanderError } from 'commander';
import { exitCodes, Failure, failureText } from './failure.ts';
import type { Exit } from './failure.ts';
import { makeProgram } from './program.ts';
import type { Context } from './program.ts';

export type Surroundings = Pick<Context, 'terminal' | 'version' | 'serve'>;

/** Never throws. */
export const cli = async (words: readonly string[], surroundings: Surroundings): Promise<number> => {
  const { terminal } = surroundings;
  let exit: Exit = 'done';
  const program = makeProgram({ ...surroundings, ended: (how) => (exit = how) });
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage[0];
    if (error instanceof Failure) {
      terminal.err(failureText(error));
      if (error.problem && words.some((word) => /^(-o=?|--output=?)?json$/.test(word))) terminal.out(`${JSON.stringify(error.problem, null, 2)}\n`);
      return exitCodes[error.exit][0];
    }
    terminal.err(`Error: a defect in this command: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return exitCodes.error[0];
  }
  return exitCodes[exit][0];
};
