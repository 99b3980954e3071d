// Applications: where each replica runs and why, receipts, move, delete.
import type { Application, ApplicationStatus } from '../../../contract/src/index.ts';
import { ask, useAnswer } from '../live.ts';
import { Problem, Unknown } from '../Problem.tsx';
import { hrefOf } from '../route.ts';
import type { Everything } from '../useKnown.ts';
import { clock, zoned } from '../words.ts';

export const Applications = ({ known, name }: { readonly known: Everything; readonly name: string | null }) => {
  const one = known.applications.find((application) => application.name === name);
  if (name !== null && one) return <One application={one} />;
  return (
    <div className="view">
      <h1>Applications</h1>
      {name !== null && known.isKnown.applications && <p>There is no application {name}.</p>}
      <p className="buttons">
        <a className="button primary" href={hrefOf(null, { do: 'deploy' })}>
          Deploy…
        </a>
      </p>
      {!known.isKnown.applications ? (
        <Unknown known={known} what="applications" />
      ) : known.applications.length === 0 ? (
        <div className="empty">
          <h2>Nothing is deployed</h2>
          <p>Give ordinary Kubernetes manifests; the criteria above say where they may run. The same as a command:</p>
          <pre>
            <code>hanse deploy shop -f shop/ --where country=EU --prefer price</code>
          </pre>
        </div>
      ) : (
        <table className="rows">
          <thead>
            <tr>
              <th scope="col">Application</th>
              <th scope="col">State</th>
              <th scope="col">Runs at</th>
              <th scope="col">Home</th>
            </tr>
          </thead>
          <tbody>
            {known.applications.map((application) => (
              <tr key={application.name}>
                <th scope="row">
                  <a href={hrefOf(`/applications/${application.name}`)}>{application.name}</a>
                </th>
                <td>{application.state}</td>
                <td>{(application.placement.chosen ?? []).map(({ cluster, replicas }) => `${cluster} (${replicas})`).join(', ')}</td>
                <td>{application.home}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
};

const One = ({ application }: { readonly application: Application }) => {
  const { name, state, clusters } = application;
  const status = useAnswer(ask.status(name));
  const explanation = useAnswer(ask.explanation(name));
  const receipts = useAnswer(ask.receipts(name));
  return (
    <div className="view">
      <p className="crumbs">
        <a href={hrefOf('/applications')}>Applications</a>
      </p>
      <h1>
        {name} <span className={`pill ${state === 'running' ? 'joined' : 'waiting'}`}>{state}</span>
      </h1>
      <p className="buttons">
        {clusters.map((cluster) => (
          <a key={cluster} className="button" href={hrefOf(null, { do: 'migrate', application: name, from: cluster })}>
            Move away from {cluster}…
          </a>
        ))}
        <a className="button" href={hrefOf(null, { do: 'delete', name })}>
          Delete…
        </a>
      </p>
      <h2>Where it runs</h2>
      {status.failure && !status.data && <Problem failure={status.failure} />}
      {!status.data && !status.failure && <p className="muted">Asking the clusters…</p>}
      {status.data && <Where status={status.data} />}
      <h2>Why there</h2>
      {(explanation.data?.sentences ?? []).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <h2>Receipts</h2>
      {receipts.data?.length === 0 && <p className="muted">None yet: each placement and each move leaves one.</p>}
      <ul>
        {(receipts.data ?? []).map((receipt) => (
          <li key={receipt.id}>
            <a href={`/v1/receipts/${encodeURIComponent(receipt.id)}`} download={`${receipt.id}.json`}>
              {receipt.id}
            </a>{' '}
            <span className="muted" title={zoned(receipt.at)}>
              of <a href={hrefOf(`/operations/${receipt.operation}`)}>its operation</a> at {clock(receipt.at)}
            </span>
          </li>
        ))}
      </ul>
      {(receipts.data ?? []).length > 0 && (
        <p className="muted">
          Anyone can verify one without this broker: <code>hanse verify FILE --key KEY</code>
        </p>
      )}
    </div>
  );
};

const podsMost = 300;

const Where = ({ status: { placement, pods, drift, endpoints } }: { readonly status: ApplicationStatus }) => (
  <>
    {drift.map((text) => (
      <p key={text} className="amber">
        {text}
      </p>
    ))}
    <p>
      {placement.map(({ cluster, ready, planned }) => (
        <span key={cluster} className="tally">
          <b>{cluster}</b> {ready} ready of {planned} planned
        </span>
      ))}
      {endpoints.map(({ service, ready }) => (
        <span key={service} className="tally">
          service <b>{service}</b> {ready} ready endpoints
        </span>
      ))}
    </p>
    <div className="scroll" tabIndex={0} role="region" aria-label="Replicas">
      <table className="rows">
        <caption className="unseen">Replicas</caption>
        <thead>
          <tr>
            <th scope="col">Replica</th>
            <th scope="col">At</th>
            <th scope="col">State</th>
            <th scope="col" className="number">
              Restarts
            </th>
            <th scope="col">Waits for</th>
          </tr>
        </thead>
        <tbody>
          {pods.slice(0, podsMost).map((pod) => (
            <tr key={pod.uid}>
              <th scope="row">{pod.name}</th>
              <td>{pod.cluster ?? 'not scheduled yet'}</td>
              <td className={pod.isReady ? 'green' : 'amber'}>{pod.isEnding ? 'ending' : pod.isReady ? 'ready' : pod.phase}</td>
              <td className="number">{pod.restarts}</td>
              <td>{pod.waitsFor ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    {pods.length > podsMost && (
      <p className="muted">
        The first {podsMost} of {pods.length}.
      </p>
    )}
  </>
);
