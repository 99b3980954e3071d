// What was seen of providers that calls for a new decision: what was decided, and what awaits a person.
import type { Reaction } from '../../contract/src/index.ts';
import { ask, useAnswer } from './live.ts';
import { hrefOf } from './route.ts';
import { clock, zoned } from './words.ts';

const shownMost = 3;
const urgency: Readonly<Record<Reaction['state'], number>> = { asking: 0, refused: 1, heldBack: 2, warned: 3, closed: 3, acting: 4, watching: 5, over: 6 };

const decided: Readonly<Record<Reaction['state'], string>> = {
  watching: 'It may pass by itself; nothing is decided yet.',
  heldBack: 'A limit on pace or number holds a plan back.',
  warned: 'Nothing is planned, as the policy says.',
  closed: 'Nothing new goes there; what runs stays.',
  asking: 'A plan waits for you.',
  acting: 'The policy approved a plan.',
  refused: 'No plan can be made.',
  over: 'It is over.',
};

const useOpen = (): readonly Reaction[] =>
  (useAnswer(ask.reactions).data ?? []).filter(({ state }) => state !== 'over').toSorted((a, b) => urgency[a.state] - urgency[b.state]);

/** Above everything, for as long as it holds. */
export const Alarms = () => {
  const open = useOpen();
  if (open.length === 0) return null;
  return (
    <ul className="alarms" role="status" aria-label="What calls for a decision">
      {open.slice(0, shownMost).map((reaction) => (
        <Alarm key={reaction.id} reaction={reaction} />
      ))}
      {open.length > shownMost && (
        <li>
          <a href={hrefOf('/operations')}>{open.length - shownMost} more</a>
        </li>
      )}
    </ul>
  );
};

const Alarm = ({ reaction }: { readonly reaction: Reaction }) => {
  const { state, provider, application, found, because, since, operation } = reaction;
  return (
    <li className={state}>
      <b>
        <a href={hrefOf(`/members/${provider}`)}>{provider}</a>
      </b>{' '}
      {found}{' '}
      <span className="muted">
        since <time title={zoned(since)}>{clock(since)}</time>
        {application !== null && (
          <>
            {' · about '}
            <a href={hrefOf(`/applications/${application}`)}>{application}</a>
          </>
        )}
      </span>{' '}
      {decided[state]} {because.length > 0 && <span className="muted">{because.join(' ')}</span>}{' '}
      {operation !== null && (
        <a href={state === 'asking' ? hrefOf(null, { plan: operation }) : hrefOf(`/operations/${operation}`)}>
          {state === 'asking' ? 'Look at the plan' : 'Where it stands'}
        </a>
      )}
    </li>
  );
};

/** All of them, also those that are over. */
export const ReactionTable = () => {
  const { data } = useAnswer(ask.reactions);
  if (data === undefined || data.length === 0) return null;
  return (
    <section>
      <h2>What called for a decision</h2>
      <div className="scroll" tabIndex={0} role="region" aria-label="What called for a decision">
        <table className="rows">
          <caption className="unseen">The newest first</caption>
          <thead>
            <tr>
              <th scope="col">Provider</th>
              <th scope="col">What was seen</th>
              <th scope="col">What was decided, and why</th>
              <th scope="col">Since</th>
              <th scope="col">Plan</th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ id, provider, application, found, because, state, since, operation }) => (
              <tr key={id} className={state === 'over' ? 'off' : ''}>
                <th scope="row">{provider}</th>
                <td>
                  {found}
                  {application !== null && <small> · {application}</small>}
                </td>
                <td>
                  {decided[state]} <small>{because.join(' ')}</small>
                </td>
                <td title={zoned(since)}>{clock(since)}</td>
                <td>{operation === null ? '–' : <a href={hrefOf(`/operations/${operation}`)}>its plan</a>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
};
