// The one place where a failure becomes an answer (RFC 9457). Inner detail stays behind: what is not a HanseError is only said to be a defect.
import { STATUS_CODES } from 'node:http';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Problem } from '../../../../contract/src/index.ts';
import { HanseError, errorTable } from '../../errors.ts';
import type { Fault } from '../../errors.ts';

export const problemType = 'application/problem+json; charset=utf-8';

/** Also for what the HTTP parser and the framework refuse before any of our code runs. */
export const toProblem = (thrown: unknown, request: string): Problem => {
  const error = named(thrown);
  const { status, title } = errorTable[error.code];
  return {
    type: `urn:hanse:error:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    retry: error.retry,
    fix: error.fix,
    ...(error.place && { place: error.place }),
    faults: error.faults,
    request,
  };
};

/** Whether the log has to tell what the answer does not. */
export const isDefect = (thrown: unknown): boolean => named(thrown).code === 'INTERNAL';

const named = (thrown: unknown): HanseError => {
  if (thrown instanceof HanseError) return thrown;
  if (hasZodFastifySchemaValidationErrors(thrown)) return malformed((thrown.validationContext ?? 'request').replace('querystring', 'query'), thrown.validation);
  return (
    framework(thrown) ?? new HanseError('INTERNAL', 'The broker met a defect of its own while it answered.', { fix: errorTable.INTERNAL.fix, cause: thrown })
  );
};

type Issue = { readonly instancePath: string; readonly message?: string | undefined };

const malformed = (context: string, issues: readonly Issue[]): HanseError =>
  invalid(
    context,
    issues.map(({ instancePath, message }) => ({ path: instancePath.split('/').filter(Boolean), message: message ?? 'is malformed' })),
  );

/** Every issue becomes a fault with its path; the first is told in the detail. */
export const invalid = (context: string, issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): HanseError => {
  const faults: Fault[] = issues.slice(0, 20).map(({ path, message }) => {
    const where = [context, ...path.map((part) => String(part).slice(0, 100))].join('.').slice(0, 300);
    return { message: `${where}: ${message.slice(0, 500)}`, place: { path: where } };
  });
  const [first] = faults;
  const rest = issues.length - 1;
  return new HanseError('INVALID_REQUEST', `${first?.message ?? `${context} is malformed`}${rest > 0 ? ` (and ${rest} more)` : ''}`, {
    ...(first?.place && { place: first.place }),
    faults,
  });
};

const framework = (thrown: unknown): HanseError | null => {
  const code = codeOf(thrown);
  const known = code === undefined ? undefined : frameworkErrors[code];
  if (known) return new HanseError(...known);
  const status = statusOf(thrown);
  // whatever else the framework refuses is the sender's fault, never told with the framework's words, which may quote what was sent
  return status !== undefined && status >= 400 && status < 500
    ? new HanseError('INVALID_REQUEST', `The request was refused: ${STATUS_CODES[status] ?? status}.`)
    : null;
};

const frameworkErrors: Readonly<Record<string, ConstructorParameters<typeof HanseError>>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['TOO_LARGE', 'The body is larger than this route accepts (operations: 8 MiB, others: 512 KiB).'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'INVALID_REQUEST',
    'The body is not JSON.',
    { place: { path: 'headers.content-type' }, fix: 'Send it as JSON with Content-Type: application/json.' },
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: [
    'INVALID_REQUEST',
    'The body is empty.',
    { place: { path: 'body' }, fix: 'Send a JSON document, or leave the Content-Type header away.' },
  ],
  FST_ERR_BAD_URL: ['INVALID_REQUEST', 'The path of the request is not well-formed.', { place: { path: 'path' }, fix: 'Encode it as RFC 3986 says.' }],
  HPE_HEADER_OVERFLOW: ['TOO_LARGE', 'The headers of the request are larger than 16 KiB.'],
  ECONNREFUSED: ['STORE_UNAVAILABLE', 'The database does not accept connections.'],
};

const codeOf = (thrown: unknown): string | undefined =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;

const statusOf = (thrown: unknown): number | undefined =>
  typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown && typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
