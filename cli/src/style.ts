// Colours, for people only: on a terminal, and not where NO_COLOR (no-color.org) asks for none.
import type { Terminal } from './terminal.ts';

export type Style = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', (text: string) => string>>;

export const styleFor = ({ env }: Terminal, isTty: boolean): Style => {
  const isOn = isTty && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  const sgr = (code: number) => (text: string) => (isOn ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: sgr(1), dim: sgr(2), red: sgr(31), green: sgr(32), yellow: sgr(33), cyan: sgr(36) };
};
