// The one table of failures that Hanse promises to name. `retry` is what the operation engine reads, `status` and `title` what the HTTP API
// and the command line show, `fix` what a person should do when nothing more precise is known at the place of the failure.

type Entry = {
  /** HTTP status of the problem document (RFC 9457). */
  readonly status: number;
  /** Whether the same attempt may succeed later without anyone doing anything. */
  readonly retry: 'later' | 'never';
  readonly title: string;
  readonly fix: string;
};

export const errorTable = {
  // asked for something that cannot be
  INVALID_REQUEST: { status: 400, retry: 'never', title: 'The request is malformed', fix: 'Correct the field named in the detail and send it again.' },
  UNAUTHENTICATED: {
    status: 401,
    retry: 'never',
    title: 'No valid token was sent',
    fix: 'Send the token of the broker: hanse reads it from the file that the broker names when it starts.',
  },
  FORBIDDEN: { status: 403, retry: 'never', title: 'This is not allowed', fix: 'Use an account that has the right named in the detail.' },
  NOT_FOUND: { status: 404, retry: 'never', title: 'There is no such thing', fix: 'List what exists with `hanse get` and check the name.' },
  CONFLICT: { status: 409, retry: 'never', title: 'This contradicts what is there', fix: 'Look at what is there, then decide which of the two should stay.' },
  IDEMPOTENCY_MISMATCH: { status: 422, retry: 'never', title: 'The idempotency key was used for another request', fix: 'Use a new key for a new request.' },
  TOO_LARGE: { status: 413, retry: 'never', title: 'What was sent is too large', fix: 'Send less; the limit is in the detail.' },
  // decisions
  REFUSED: { status: 422, retry: 'never', title: 'Hanse refuses to do this', fix: 'Remove the reason named in the detail first.' },
  NOTHING_FITS: {
    status: 422,
    retry: 'never',
    title: 'No cluster satisfies the criteria',
    fix: 'Run the command with --explain to see the smallest change that would make an offer match.',
  },
  STALE_PLAN: { status: 409, retry: 'never', title: 'The world changed since the plan was made', fix: 'Make the plan again and approve the new one.' },
  CAPACITY_TAKEN: {
    status: 409,
    retry: 'later',
    title: 'The capacity is booked by another operation',
    fix: 'Wait for the other operation, or choose another provider.',
  },
  CANCELLED: { status: 409, retry: 'never', title: 'The operation was cancelled', fix: 'Plan it again if it is still wanted.' },
  PROVIDER_REFUSED: { status: 422, retry: 'never', title: 'The provider refused', fix: 'Ask the provider; the reason it gave is in the detail.' },
  // material from outside
  KUBECONFIG_REJECTED: {
    status: 422,
    retry: 'never',
    title: 'The kubeconfig was rejected',
    fix: 'Correct the field named in the detail; only embedded certificates and tokens are accepted.',
  },
  MANIFEST_REJECTED: {
    status: 422,
    retry: 'never',
    title: 'A manifest was rejected',
    fix: 'Correct the line named in the detail, or let the policy name what it may contain.',
  },
  CREDENTIAL_UNTRUSTED: {
    status: 422,
    retry: 'never',
    title: 'The credential could not be trusted',
    fix: 'The failed check is in the detail; the provider has to issue the credential again.',
  },
  PREFLIGHT_FAILED: {
    status: 422,
    retry: 'never',
    title: 'The cluster does not meet the requirements',
    fix: 'Mend the failed checks in the detail and run it again.',
  },
  // the world outside
  CLUSTER_UNREACHABLE: {
    status: 503,
    retry: 'later',
    title: 'A cluster did not answer',
    fix: 'Check that its API server runs and can be reached from the broker.',
  },
  CLUSTER_BUSY: { status: 503, retry: 'later', title: 'A cluster asked to slow down', fix: 'Nothing: Hanse tries again.' },
  CLUSTER_UNAUTHORIZED: { status: 502, retry: 'never', title: 'A cluster does not accept our account', fix: 'Add the cluster again: hanse cluster add.' },
  CLUSTER_FORBIDDEN: {
    status: 502,
    retry: 'never',
    title: 'Our account at a cluster lacks a right',
    fix: 'Add the cluster again, so that its account is granted what this version needs.',
  },
  CLUSTER_REJECTED: { status: 502, retry: 'never', title: 'A cluster rejected an object', fix: 'The reason of its API server is in the detail.' },
  MANAGER_UNREACHABLE: {
    status: 503,
    retry: 'later',
    title: 'The manager of a cluster did not answer',
    fix: 'Check that it runs and can be reached from the broker.',
  },
  MANAGER_UNAUTHORIZED: {
    status: 502,
    retry: 'never',
    title: 'The manager of a cluster does not accept our account',
    fix: 'Check the token or the password, and what its account may do there.',
  },
  MANAGER_REJECTED: { status: 502, retry: 'never', title: 'The manager of a cluster rejected a request', fix: 'The reason it gave is in the detail.' },
  OBJECT_CONFLICT: {
    status: 409,
    retry: 'later',
    title: 'An object was changed by someone else at the same time',
    fix: 'Nothing if it happens once; otherwise find out who changes the object.',
  },
  OBJECT_NOT_OURS: {
    status: 409,
    retry: 'never',
    title: 'An object that is not ours stands in the way',
    fix: 'Rename yours, or remove or hand over the one that is there.',
  },
  TIMED_OUT: { status: 504, retry: 'later', title: 'Something did not happen in time', fix: 'The state that was seen last is in the detail.' },
  EXCHANGE_UNREACHABLE: {
    status: 503,
    retry: 'later',
    title: 'An exchange did not answer',
    fix: 'Check its address and the way to it. What may have been ordered is looked up before it is ordered again.',
  },
  EXCHANGE_REFUSED: { status: 502, retry: 'never', title: 'An exchange refused', fix: 'Its reason is in the detail; mend it there or in the configuration.' },
  // the broker itself
  BUSY: { status: 429, retry: 'later', title: 'The broker has enough to do', fix: 'Try again in a moment.' },
  LEASE_LOST: { status: 503, retry: 'later', title: 'Another broker has taken over this operation', fix: 'Nothing: the other broker goes on.' },
  STORE_UNAVAILABLE: { status: 503, retry: 'later', title: 'The database did not answer', fix: 'Check PostgreSQL, its disk and HANSE_DATABASE_URL.' },
  SETUP_FAILED: { status: 500, retry: 'never', title: 'The broker cannot start', fix: 'Mend what the detail names.' },
  AUDIT_BROKEN: { status: 500, retry: 'never', title: 'The audit log does not verify', fix: 'Keep the database as it is and find out who changed it.' },
  INTERNAL: { status: 500, retry: 'later', title: 'A defect in Hanse', fix: 'Report it with the operation id; the log has the details.' },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof errorTable;

/** Nobody answered, or was too busy to: soon told, and usually soon over. */
export const isUnanswered = (code: ErrorCode): boolean =>
  (['CLUSTER_UNREACHABLE', 'CLUSTER_BUSY', 'MANAGER_UNREACHABLE', 'EXCHANGE_UNREACHABLE'] satisfies ErrorCode[]).some((one) => one === code);

/** Where in something received the fault is: `path` as a JSON path or field, `line` counted from 1, `file` as given. */
export type Place = { readonly file?: string; readonly line?: number; readonly path?: string };

export type Fault = { readonly message: string; readonly place?: Place; readonly fix?: string };

/** A broken promise with a name of the table. `message` says what happened and where; never a secret, never inner detail. */
export class HanseError extends Error {
  override readonly name = 'HanseError';
  readonly code: ErrorCode;
  readonly place: Place | undefined;
  readonly fix: string;
  /** Every fault at once, when several were found. */
  readonly faults: readonly Fault[];

  constructor(code: ErrorCode, message: string, more: { place?: Place; fix?: string; faults?: readonly Fault[]; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.place = more.place;
    this.fix = more.fix ?? errorTable[code].fix;
    this.faults = more.faults ?? [];
  }

  get retry(): 'later' | 'never' {
    return errorTable[this.code].retry;
  }
}
