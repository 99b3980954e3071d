// Operations: running, asking, done; each step by step as its journal tells it.
import { useState } from 'react';
import type { Entry, Operation, OperationDetail } from '../../../contract/src/index.ts';
import { ask, useAnswer, useProgress } from '../live.ts';
import { Numbers } from '../Numbers.tsx';
import { OperationButtons } from '../OperationButtons.tsx';
import { Problem, Unknown } from '../Problem.tsx';
import { ReactionTable } from '../Reactions.tsx';
import { hrefOf } from '../route.ts';
import { standingOf } from '../steps.ts';
import { Steps } from '../Steps.tsx';
import type { Everything } from '../useKnown.ts';
import { PlanSteps } from '../verbs/PlanSteps.tsx';
import { clock, going, stateWord, zoned } from '../words.ts';

export const Operations = ({ known, id }: { readonly known: Everything; readonly id: string | null }) => {
  if (id !== null) return <One id={id} />;
  const groups: readonly (readonly [string, readonly Operation[]])[] = [
    ['Asking you', known.operations.filter(({ state }) => state === 'asking')],
    ['Running', known.operations.filter(({ state }) => going.includes(state) && state !== 'asking')],
    ['Waiting for your approval', known.operations.filter(({ state }) => state === 'planned')],
    ['Ended', known.operations.filter(({ state }) => ['done', 'rolledBack', 'failed', 'discarded'].includes(state))],
  ];
  return (
    <div className="view">
      <h1>Operations</h1>
      {!known.isKnown.operations && <Unknown known={known} what="operations" />}
      {known.isKnown.operations && known.operations.length === 0 && (
        <div className="empty">
          <h2>Nothing happened yet</h2>
          <p>Every change is a plan first. Make one with the button above, or type:</p>
          <pre>
            <code>hanse federate NAME --dry-run</code>
          </pre>
        </div>
      )}
      <ReactionTable />
      {groups.map(([title, operations]) => operations.length > 0 && <Group key={title} title={title} operations={operations} />)}
    </div>
  );
};

const Group = ({ title, operations }: { readonly title: string; readonly operations: readonly Operation[] }) => (
  <section>
    <h2>{title}</h2>
    <table className="rows">
      <caption className="unseen">{title}</caption>
      <thead>
        <tr>
          <th scope="col">Operation</th>
          <th scope="col">State</th>
          <th scope="col" className="number">
            Steps
          </th>
          <th scope="col">By</th>
          <th scope="col">When</th>
        </tr>
      </thead>
      <tbody>
        {operations.map((operation) => (
          <tr key={operation.id}>
            <th scope="row">
              <a href={operation.state === 'planned' ? hrefOf(null, { plan: operation.id }) : hrefOf(`/operations/${operation.id}`)}>{operation.title}</a>
            </th>
            <td className={toneOf(operation)}>{stateWord(operation)}</td>
            <td className="number">
              {operation.stepsDone} of {operation.stepsTotal}
            </td>
            <td>{operation.actor}</td>
            <td title={zoned(operation.createdAt)}>{clock(operation.createdAt)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

const toneOf = ({ state }: Pick<Operation, 'state'>): string =>
  state === 'done' ? 'green' : state === 'failed' ? 'red' : state === 'rolledBack' || state === 'rollingBack' || state === 'asking' ? 'amber' : '';

const One = ({ id }: { readonly id: string }) => {
  const { data: detail, failure } = useAnswer(ask.operation(id));
  const progress = useProgress(id);
  if (!detail)
    return (
      <div className="view">
        <p className="crumbs">
          <a href={hrefOf('/operations')}>Operations</a>
        </p>
        <h1>Operation</h1>
        {failure ? <Problem failure={failure} /> : <p className="muted">Reading its journal…</p>}
      </div>
    );
  return (
    <div className="view">
      <p className="crumbs">
        <a href={hrefOf('/operations')}>Operations</a>
      </p>
      <h1>{detail.title}</h1>
      <p>
        <b className={toneOf(detail)}>{stateWord(detail)}</b> · {standingOf(detail, progress?.message ?? null)}
      </p>
      <OperationButtons detail={detail} />
      {detail.state === 'planned' && (
        <p className="buttons">
          <a className="button primary" href={hrefOf(null, { plan: id })}>
            Look at the plan to approve it
          </a>
        </p>
      )}
      <div className="beside">
        <Steps detail={detail} />
        {detail.state !== 'planned' && <Numbers detail={detail} />}
      </div>
      <Replay detail={detail} />
      <h2>As planned</h2>
      <ul className="notes">
        {detail.plan.notes.map(({ topic, text }) => (
          <li key={topic + text}>
            <b>{topic}</b> {text}
          </li>
        ))}
      </ul>
      <PlanSteps plan={detail.plan} />
      <h2>Journal</h2>
      <ol className="journal">
        {detail.journal.map((entry, index) => (
          <JournalLine key={index} entry={entry} detail={detail} />
        ))}
      </ol>
      <p className="muted">
        The same as a command: <code>hanse operations show {id}</code>
      </p>
    </div>
  );
};

/** How it stood after each record: the journal, read up to there. */
const Replay = ({ detail }: { readonly detail: OperationDetail }) => {
  const [upTo, setUpTo] = useState<number | null>(null);
  const count = detail.journal.length;
  if (count < 2) return null;
  const entry = upTo === null ? undefined : detail.journal[upTo - 1];
  return (
    <details>
      <summary>Replay step by step</summary>
      <p className="field">
        <label htmlFor="replay">{entry ? `After record ${upTo ?? 0} of ${count}, at ${clock(entry.at)}` : `All ${count} records`}</label>
        <input id="replay" type="range" min={1} max={count} value={upTo ?? count} onChange={({ target }) => setUpTo(Number(target.value))} />
      </p>
      {upTo !== null && <Steps detail={{ ...detail, journal: detail.journal.slice(0, upTo) }} />}
    </details>
  );
};

const verbsOf: Readonly<Record<Entry['phase'], string>> = { perform: 'do', undo: 'undo', check: 'check' };

const JournalLine = ({ entry, detail }: { readonly entry: Entry; readonly detail: OperationDetail }) => (
  <li>
    <time title={zoned(entry.at)}>{clock(entry.at)}</time>{' '}
    <span className={entry.state === 'failed' ? 'red' : ''}>
      {verbsOf[entry.phase]} · {entry.state}
    </span>{' '}
    {entry.phase === 'check' ? 'the plan held against the world of now' : detail.plan.steps[entry.step]?.title}
    {entry.failure && (
      <>
        {' '}
        <span className="red">{entry.failure.message}</span> {entry.failure.fix} <code>{entry.failure.code}</code>
      </>
    )}
    {entry.waitFor !== undefined && <> waits for {entry.waitFor}</>}
    {entry.answer !== undefined && <> answered: {entry.answer}</>}
    {entry.made !== undefined && entry.made.length > 0 && (
      <small className="muted"> made {entry.made.map(({ cluster, kind, name }) => `${kind} ${name} at ${cluster}`).join(', ')}</small>
    )}
  </li>
);
