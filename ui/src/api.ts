// Speaks to the broker that served the page: every route of the contract as one call.
import type { z } from 'zod';
import { problem } from '../../contract/src/index.ts';
import type { Problem, Route } from '../../contract/src/index.ts';

type Part<R extends Route, P extends 'params' | 'query' | 'body'> = R[P] extends z.ZodType ? { readonly [K in P]: z.input<R[P]> } : object;
type Input<R extends Route> = Part<R, 'params'> & Partial<Part<R, 'query'>> & Part<R, 'body'>;
export type Output<R extends Route> = R['answer'] extends z.ZodType ? z.output<R['answer']> : undefined;

/** What the broker said against it; without a problem it did not answer at all. */
export class Failure extends Error {
  readonly problem: Problem | null;
  readonly fix: string;
  constructor(message: string, about: Problem | null, fix = 'Look whether it runs; this page goes on when it does.') {
    super(message);
    this.problem = about;
    this.fix = about?.fix ?? fix;
  }
  /** The broker is in trouble: the same question may be answered later. */
  get isPassing(): boolean {
    return this.problem === null || this.problem.status >= 500 || this.problem.status === 429;
  }
}

export const call = async <R extends Route>(route: R, input: Input<R>, headers: Readonly<Record<string, string>> = {}): Promise<Output<R>> => {
  const { params, query, body }: { params?: object; query?: object; body?: unknown } = input;
  const response = await fetch(pathOf(route.path, params ?? {}) + queryOf(query ?? {}), {
    method: route.method,
    credentials: 'same-origin',
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => null);
  if (response === null) throw new Failure('The broker does not answer.', null);
  const answer: unknown = response.status === 204 ? undefined : await response.json().catch(() => null);
  if (!response.ok) {
    const said = problem.safeParse(answer);
    throw new Failure(said.success ? said.data.detail : `The broker answered with status ${response.status}.`, said.success ? said.data : null);
  }
  if (route.answer === null) return undefined as Output<R>;
  const parsed = route.answer.safeParse(answer);
  if (!parsed.success) throw new Failure('The broker answers in a way that this page does not understand.', null, 'Load it anew.');
  // parsed with the route's own schema just above
  return parsed.data as Output<R>;
};

const pathOf = (path: string, params: object): string => {
  const values = new Map(Object.entries(params).map(([name, value]) => [name, encodeURIComponent(String(value))]));
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values.get(name) ?? '');
};

const queryOf = (query: object): string => {
  const pairs = Object.entries(query).flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((each) => [name, String(each)]));
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
};
