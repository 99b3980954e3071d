// One answer in the form that was asked for: a table for people, JSON or YAML for programs.
import type { Terminal } from './terminal.ts';

export const formats = ['table', 'json', 'yaml'] as const;
export type Format = (typeof formats)[number];

/** `table` is only called when people read. */
export const show = async (terminal: Pick<Terminal, 'out'>, format: Format, value: unknown, table: () => string): Promise<void> => {
  if (format === 'json') return terminal.out(`${escaped(JSON.stringify(value, null, 2))}\n`);
  if (format === 'table') return terminal.out(table());
  const { stringify } = await import('yaml');
  const text = stringify(value, { aliasDuplicateObjects: false });
  // only between double quotes can a mark be written as its number
  terminal.out(text === escaped(text) ? text : escaped(stringify(value, { aliasDuplicateObjects: false, defaultStringType: 'QUOTE_DOUBLE' })));
};

export type Column<Row> = readonly [title: string, value: (row: Row) => string | number | null];

/** Aligned columns; `empty` is said instead of a table without rows. */
export const tableOf = <Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): string => {
  if (rows.length === 0) return `${empty}\n`;
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, value]) => plain(value(row))))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  return cells
    .map(
      (line) =>
        `${line
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
};

/** One cell of a table: a name with a line of its own would look like another row. */
export const plain = (value: string | number | null): string => (value === null || value === '' ? '-' : clean(String(value)).replaceAll(/[\n\t]+/g, ' '));

/** The same value, with what JSON and YAML leave as it is and a terminal obeys written as \uXXXX. */
const escaped = (text: string): string =>
  text.replaceAll(/[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Names and words come from outside: control characters would move the cursor, and marks of direction (Unicode UAX #9) show a text as another. */
export const clean = (text: string): string => text.replaceAll(/[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');

export const ageOf = (at: string, nowMs: number): string => {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(at)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)}h` : `${Math.round(seconds / 86_400)}d`;
};

export const sizeOf = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(bytes >= 2 ** 34 ? 0 : 1)} GiB`;
