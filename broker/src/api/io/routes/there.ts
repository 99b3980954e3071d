// A row that has to be there.
import { HanseError } from '../../../errors.ts';

/** NOT_FOUND, with what was looked for. */
export const there = <Row>(row: Row | undefined, what: string, name: string): Row => {
  if (row !== undefined) return row;
  throw new HanseError('NOT_FOUND', `There is no ${what} ${name}.`);
};
