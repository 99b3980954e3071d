// The provider's view: who uses what, since which plan, and how to end it.
import type { Everything } from '../useKnown.ts';
import { hrefOf } from '../route.ts';
import { bytes, cpu, zoned } from '../words.ts';

export const Provider = ({ known }: { readonly known: Everything }) => (
  <div className="view">
    <h1>Provider</h1>
    <p className="muted">
      Who uses what of whom, under which plan. A provider’s word stands in its own cluster: ConfigMap hanse-grant, which no consumer can write.
    </p>
    {known.peerings.length === 0 ? (
      <div className="empty">
        <h2>Nobody uses anybody</h2>
        <p>When a consumer federates, what it may use and what it uses is shown here.</p>
      </div>
    ) : (
      <div className="scroll" tabIndex={0} role="region" aria-label="Relations">
        <table className="rows">
          <thead>
            <tr>
              <th scope="col">Provider</th>
              <th scope="col">Consumer</th>
              <th scope="col">State</th>
              <th scope="col">Lends at most</th>
              <th scope="col">In use</th>
              <th scope="col">By</th>
              <th scope="col">Since, under which plan</th>
              <th scope="col">End it</th>
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
                    <a href={hrefOf(null, { do: 'evacuate', provider })}>drain</a> · <a href={hrefOf(null, { do: 'leave', provider })}>end</a>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    )}
  </div>
);
