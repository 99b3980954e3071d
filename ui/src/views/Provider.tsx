// The provider's view: who uses our clusters, since when, under which plan, and the word given to each. Below it the other side: whom we use.
import type { Consumer } from '../../../contract/src/index.ts';
import { ask, useAnswer } from '../live.ts';
import { Problem } from '../Problem.tsx';
import { hrefOf } from '../route.ts';
import type { Everything } from '../useKnown.ts';
import { bytes, counted, cpu, zoned } from '../words.ts';

export const Provider = ({ known }: { readonly known: Everything }) => (
  <div className="view">
    <h1>Provider</h1>
    <Lent known={known} />
    <h2>Whom you use</h2>
    <Borrowed known={known} />
  </div>
);

const Lent = ({ known }: { readonly known: Everything }) => {
  const { data: consumers, failure } = useAnswer(ask.consumers);
  if (consumers === undefined) return failure ? <Problem failure={failure} /> : <p className="muted">Asking your clusters who uses them…</p>;
  if (consumers.length === 0)
    return (
      <div className="empty">
        <p>
          <b>Nobody uses a cluster of yours.</b> A consumer that adds one of them is listed here, with what it asks for; what it may borrow is your word. The
          same as a command: <code>hanse provider requests</code>
        </p>
      </div>
    );
  return (
    <>
      <h2>Who uses your clusters</h2>
      <div className="scroll" tabIndex={0} role="region" aria-label="Who uses your clusters">
        <table className="rows">
          <caption className="unseen">Consumers</caption>
          <thead>
            <tr>
              <th scope="col">Consumer</th>
              <th scope="col">Stands</th>
              <th scope="col">Since, under which plan</th>
              <th scope="col">Asks for, and has</th>
              <th scope="col">Runs</th>
              <th scope="col">At most</th>
              <th scope="col">Your word</th>
            </tr>
          </thead>
          <tbody>
            {consumers.map((consumer) => (
              <ConsumerRow key={`${consumer.cluster} ${consumer.consumer}`} consumer={consumer} known={known} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
};

const answers: Readonly<Record<Consumer['answer'], string>> = { yes: 'accepted', ask: 'asks you', no: 'refused' };
const wishes: Readonly<Record<Consumer['wishes'][number]['state'], string>> = { lent: 'lent', denied: 'refused', asked: 'waits' };

/** cpu 4 · memory 8Gi: as Kubernetes writes them, which is how they are asked for. */
const amounts = (resources: Readonly<Record<string, string | null>>): string =>
  Object.entries(resources)
    .flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]))
    .join(' · ');

const ConsumerRow = ({ consumer, known }: { readonly consumer: Consumer; readonly known: Everything }) => {
  const { cluster, consumer: id, standing, answer, reason, since, federatedSince, plan, running, maxCpu, maxMemory, maxPods } = consumer;
  const isOurs = known.operations.some((operation) => operation.id === plan);
  const limits = amounts({ cpu: maxCpu, memory: maxMemory, pods: maxPods });
  return (
    <tr>
      <th scope="row">
        {id} <small>at {cluster}</small>
      </th>
      <td>
        <span className={standing === 'open' ? (answer === 'no' ? 'red' : answer === 'ask' ? 'amber' : 'green') : 'amber'}>
          {standing === 'open' ? answers[answer] : standing}
        </span>
        {reason !== null && <small> · {reason}</small>}
      </td>
      <td>
        {federatedSince === null ? <span className="muted">has an account{since === null ? '' : ` since ${zoned(since)}`}</span> : zoned(federatedSince)}
        {plan !== null && <> · {isOurs ? <a href={hrefOf(`/operations/${plan}`)}>its plan</a> : <code>{plan}</code>}</>}
      </td>
      <td>
        {consumer.wishes.length === 0 && '–'}
        {consumer.wishes.map(({ name, resources, state }) => (
          <div key={name}>
            {amounts(resources)} <small className={state === 'denied' ? 'red' : state === 'asked' ? 'amber' : ''}>{wishes[state]}</small>
          </div>
        ))}
      </td>
      <td>
        {running.pods === 0 ? 'nothing' : `${counted(running.pods, 'pod')} · ${cpu(running.cpuMillis)} · ${bytes(running.memoryBytes)}`}
        {consumer.namespaces.length > 0 && <small> in {consumer.namespaces.join(', ')}</small>}
      </td>
      <td>{limits === '' ? 'no limit' : limits}</td>
      <td>
        <Words consumer={consumer} />
      </td>
    </tr>
  );
};

/** Only what would change something now. */
const Words = ({ consumer: { cluster, consumer, answer, standing } }: { readonly consumer: Consumer }) => {
  const about = { consumer, cluster };
  const words: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ...(answer !== 'yes' || standing !== 'open' ? ([['accept', { answer: 'yes', standing: 'open' }]] as const) : []),
    ...(answer !== 'ask' ? ([['be asked', { answer: 'ask' }]] as const) : []),
    ...(answer !== 'no' ? ([['refuse', { answer: 'no' }]] as const) : []),
    ['cap', {}],
    ...(standing === 'open' ? ([['cordon', { standing: 'cordoned' }]] as const) : []),
    ...(standing === 'open' || standing === 'cordoned' ? ([['drain', { standing: 'draining' }]] as const) : []),
    ...(standing !== 'ended' ? ([['end', { answer: 'no', standing: 'ended' }]] as const) : []),
  ];
  return (
    <span className="words">
      {words.map(([word, said]) => (
        <a key={word} href={hrefOf(null, { do: 'lend', ...about, ...said })} aria-label={`${word} ${consumer}`}>
          {word}
        </a>
      ))}
    </span>
  );
};

const Borrowed = ({ known }: { readonly known: Everything }) => {
  if (known.peerings.length === 0)
    return (
      <p className="muted">
        Nobody yet. <a href={hrefOf(null, { do: 'federate' })}>Plan a federation</a>, or: <code>hanse federate NAME</code>
      </p>
    );
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Whom you use">
      <table className="rows">
        <caption className="unseen">Providers</caption>
        <thead>
          <tr>
            <th scope="col">Provider</th>
            <th scope="col">Consumer</th>
            <th scope="col">State</th>
            <th scope="col">Lends at most</th>
            <th scope="col">In use</th>
            <th scope="col">By</th>
            <th scope="col">Since, under which plan</th>
            <th scope="col">Way out</th>
          </tr>
        </thead>
        <tbody>
          {known.peerings.map(({ provider, home, state, resources }) => {
            const member = known.members.find(({ id }) => id === provider);
            const plan = known.operations.find(
              ({ kind, state: stands, subject }) => kind === 'federate' && stands === 'done' && subject.split(', ').includes(provider),
            );
            return (
              <tr key={`${home} ${provider}`}>
                <th scope="row">
                  <a href={hrefOf(`/members/${provider}`)}>{provider}</a>
                </th>
                <td>{home}</td>
                <td>{state}</td>
                <td>
                  {cpu(resources.cpuMillis)} · {bytes(resources.memoryBytes)}
                </td>
                <td>{member === undefined ? '–' : `${Math.round(member.used * 100)} % of CPU`}</td>
                <td>{member?.applications.map(({ name }) => name).join(', ') || 'nothing'}</td>
                <td>{plan === undefined ? '–' : <a href={hrefOf(`/operations/${plan.id}`)}>{zoned(plan.updatedAt)}</a>}</td>
                <td>
                  <span className="words">
                    <a href={hrefOf(null, { do: 'evacuate', provider })}>evacuate</a>
                    <a href={hrefOf(null, { do: 'leave', provider })}>leave</a>
                  </span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
};
