// What a Kubernetes API server answered, as one of our errors. It names the cluster, the verb and the object; it never carries what was sent.
import { HanseError, type ErrorCode } from '../../../errors.ts';

export type What = { readonly cluster: string; readonly verb: string; readonly object: string; readonly secret: boolean };

type Status = { reason: string; message: string; causes: { reason: string; message: string; field: string }[]; retryAfterSeconds: number | null };

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export const parseStatus = (body: unknown): Status => {
  const status = record(body);
  const details = record(status['details']);
  const causes = Array.isArray(details['causes']) ? details['causes'].slice(0, 20) : [];
  return {
    reason: text(status['reason']),
    message: text(status['message']),
    causes: causes.map((cause: unknown) => {
      const one = record(cause);
      return { reason: text(one['reason']), message: text(one['message']), field: text(one['field']) };
    }),
    retryAfterSeconds: typeof details['retryAfterSeconds'] === 'number' ? details['retryAfterSeconds'] : null,
  };
};

const bounded = (message: string): string => (message.length > 600 ? `${message.slice(0, 600)}…` : message);

const codeOf = (http: number, status: Status): ErrorCode => {
  // a namespace that is being deleted takes nothing new, for some seconds
  if (http === 403 && status.causes.some(({ reason }) => reason === 'NamespaceTerminating')) return 'OBJECT_CONFLICT';
  switch (http) {
    case 401:
      return 'CLUSTER_UNAUTHORIZED';
    case 403:
      return 'CLUSTER_FORBIDDEN';
    case 404:
      return 'NOT_FOUND';
    case 409:
      return 'OBJECT_CONFLICT';
    case 413:
      return 'TOO_LARGE';
    case 429:
      return 'CLUSTER_BUSY';
    default:
      return http >= 500 ? 'CLUSTER_UNREACHABLE' : 'CLUSTER_REJECTED';
  }
};

export const describe = ({ cluster, verb, object }: What): string => `${cluster}: ${verb} ${object}`;

/** Proxies say back the headers that they were sent, on pages for developers above all. */
const withoutTokens = (text: string): string => text.replaceAll(/\bBearer\s+\S+/gi, 'Bearer …').replaceAll(/\beyJ[\w.-]{10,}/g, '…');

/** The server answered with something else than success. */
export const answered = (what: What, http: number, body: unknown): HanseError => {
  const status = parseStatus(body);
  // validation messages quote the value that was rejected: of a Secret only the fields are named
  const said = what.secret ? status.causes.map(({ field, reason }) => `${field} ${reason}`.trim()).join(', ') : status.message;
  const reason = withoutTokens([`${http}`, status.reason, said].filter((part) => part !== '').join(': '));
  return new HanseError(codeOf(http, status), bounded(`${describe(what)}: the API server answered ${reason}`));
};

const codeText = (error: unknown): string => {
  const { code, message } = record(error) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.message : text(message);
};

const certificateFaults = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/;

/** Nothing was answered: the connection failed, was cut, or the time limit passed. */
export const unanswered = (what: What, error: unknown, expiredAfterMs: number | null): HanseError => {
  if (expiredAfterMs !== null) return new HanseError('CLUSTER_UNREACHABLE', `${describe(what)}: no answer within ${expiredAfterMs / 1000} s`);
  if (error instanceof HanseError) return error;
  const code = codeText(error);
  if (certificateFaults.test(code)) {
    return new HanseError('CLUSTER_UNREACHABLE', bounded(`${describe(what)}: the server's certificate was not accepted (${code})`), {
      fix: 'Check the address and the certificate authority of the cluster; if the authority was replaced, add the cluster again.',
    });
  }
  return new HanseError('CLUSTER_UNREACHABLE', bounded(`${describe(what)}: ${code}`));
};

/** The caller's signal ended it: the reason it gave, or that the work was interrupted. */
export const interrupted = (what: What, reason: unknown): HanseError =>
  reason instanceof HanseError
    ? reason
    : new HanseError('LEASE_LOST', `${describe(what)}: interrupted`, { fix: 'Nothing: the work goes on when the broker does.' });

const waitSecondsMax = 3600;

/** Seconds that a 429 (or 503) asks to wait: header, else the status' own field, else one; never less than a tenth of one, or more than an hour. */
export const retryAfterSeconds = (header: string | string[] | undefined, body: unknown): number => {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  const asked = Number.isFinite(seconds) && seconds > 0 ? seconds : (parseStatus(body).retryAfterSeconds ?? 1);
  return Math.min(waitSecondsMax, Math.max(0.1, asked));
};
