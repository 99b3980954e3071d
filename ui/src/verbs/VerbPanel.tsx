// A verb begins as a form beside what it is about, and becomes a plan before anything happens.
import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { routes } from '../../../contract/src/index.ts';
import { call, Failure } from '../api.ts';
import { ask, changed, useAnswer } from '../live.ts';
import { Problem } from '../Problem.tsx';
import { go, hrefOf } from '../route.ts';
import type { Everything } from '../useKnown.ts';
import { anyVerb } from './anyVerb.ts';
import { FieldInput } from './FieldInput.tsx';
import { valuesFrom, verbs } from './verbs.ts';
import type { Values } from './verbs.ts';

type Props = { readonly verb: string; readonly query: URLSearchParams; readonly known: Everything };
type Standing =
  | { readonly kind: 'open' | 'planning' }
  | { readonly kind: 'nothing'; readonly reason: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

export const VerbPanel = ({ verb, query, known }: Props) => {
  const described = useAnswer(ask.verbs).data?.find(({ name }) => name === verb);
  const about = verbs.find(({ name }) => name === verb) ?? (described && anyVerb(described));
  const [values, setValues] = useState<Values>(() => valuesFrom(query));
  const [standing, setStanding] = useState<Standing>({ kind: 'open' });
  const heading = useRef<HTMLHeadingElement>(null);
  const isThere = about !== undefined;
  useEffect(() => heading.current?.focus(), [isThere]);
  if (!about) return null;
  const fields = about.fields(known);
  const missing = fields.find((field) => (field.kind === 'one' || field.kind === 'some') && field.options.length === 0 && field.none !== undefined);

  const plan = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setStanding({ kind: 'planning' });
    try {
      // the key makes a request that is sent twice one operation
      const body = { verb, request: about.request(values, known), dryRun: false };
      const outcome = await call(routes.createOperation, { body }, { 'idempotency-key': crypto.randomUUID() });
      if (outcome.kind === 'nothing') return setStanding(outcome);
      changed(/^operations/);
      go(hrefOf(null, { plan: outcome.operation?.id ?? null }));
    } catch (error) {
      setStanding({ kind: 'failed', failure: error instanceof Failure ? error : new Failure(String(error), null) });
    }
  };

  return (
    <aside className="side" aria-label={about.title}>
      <h2 ref={heading} tabIndex={-1}>
        {about.title}
      </h2>
      <p className="muted">{about.about}</p>
      <form onSubmit={(event) => void plan(event)}>
        {fields.map((field) => (
          <FieldInput key={field.name} field={field} value={values[field.name]} set={(value) => setValues((now) => ({ ...now, [field.name]: value }))} />
        ))}
        {standing.kind === 'nothing' && <p role="status">Nothing to do: {standing.reason}</p>}
        {standing.kind === 'failed' && <Problem failure={standing.failure} />}
        <p className="buttons">
          <button type="submit" className="primary" disabled={standing.kind === 'planning' || missing !== undefined}>
            {standing.kind === 'planning' ? 'Making the plan…' : 'Show the plan'}
          </button>
          <a className="button" href={hrefOf(null)}>
            Close
          </a>
        </p>
      </form>
      <p className="muted">
        Nothing happens before you approve the plan. As a command: <code>{about.command}</code>
      </p>
    </aside>
  );
};
