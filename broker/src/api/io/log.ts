// The log: one JSON line per event, on standard error. Nothing that came from outside is written but the names of routes, operations and codes.
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { HanseError } from '../../errors.ts';

export const makeLog = (level: string, to: DestinationStream = pino.destination(2)): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describe, req: nothing, res: nothing },
      redact: { paths, censor: '[redacted]' },
    },
    to,
  );

const secretFields = ['authorization', 'cookie', 'token', 'password', 'secret', 'kubeconfig', 'body', 'text', 'data', 'stringData'];
const paths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

const nothing = (): undefined => undefined;

/** Of a defect where it happened, not its message: messages of parsers and databases quote what they were given. Our own errors promise not to. */
const describe = (error: unknown): object => {
  if (error instanceof HanseError) return { code: error.code, message: error.message, ...(error.cause !== undefined && { cause: describe(error.cause) }) };
  if (!(error instanceof Error)) return { name: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const code = 'code' in error && typeof error.code === 'string' ? error.code.slice(0, 40) : undefined;
  return { name: error.name, code, at: frames.slice(0, 12).map((line) => line.trim()), ...(error.cause !== undefined && { cause: describe(error.cause) }) };
};
