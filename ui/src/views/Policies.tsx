// Policies: what many applications share. Stored as they were written.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { routes } from '../../../contract/src/index.ts';
import { call, Failure } from '../api.ts';
import { ask, changed, useAnswer } from '../live.ts';
import { Problem } from '../Problem.tsx';
import { go, hrefOf } from '../route.ts';
import { zoned } from '../words.ts';

const example = `apiVersion: hanse.dev/v1
kind: Policy
metadata:
  name: eu-certified
spec:
  required:
    - country=EU
    - label>=L2@certified
  preferred:
    - price*2
`;

export const Policies = ({ name }: { readonly name: string | null }) => {
  const { data: policies, failure } = useAnswer(ask.policies);
  const one = policies?.find((policy) => policy.name === name);
  return (
    <div className="view">
      <h1>Policies</h1>
      {failure && !policies && <Problem failure={failure} />}
      {policies?.length === 0 && (
        <div className="empty">
          <h2>No policy is stored</h2>
          <p>
            A policy is what many applications share: where they may run and what is preferred. Write one below, or: <code>hanse policy put NAME -f FILE</code>
          </p>
        </div>
      )}
      {(policies ?? []).length > 0 && (
        <table className="rows">
          <thead>
            <tr>
              <th scope="col">Policy</th>
              <th scope="col">Changed</th>
            </tr>
          </thead>
          <tbody>
            {policies?.map((policy) => (
              <tr key={policy.name}>
                <th scope="row">
                  <a href={hrefOf(`/policies/${policy.name}`)}>{policy.name}</a>
                </th>
                <td>{zoned(policy.updatedAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {one && (
        <>
          <h2>{one.name}</h2>
          <pre tabIndex={0}>
            <code>{JSON.stringify(one.record, null, 2)}</code>
          </pre>
          <Forget name={one.name} />
        </>
      )}
      <Write />
    </div>
  );
};

const Forget = ({ name }: { readonly name: string }) => {
  const [failure, setFailure] = useState<Failure | null>(null);
  const forget = async (): Promise<void> => {
    try {
      await call(routes.deletePolicy, { params: { name } });
      changed(/^policies/);
      go(hrefOf('/policies'));
    } catch (error) {
      setFailure(error instanceof Failure ? error : new Failure(String(error), null));
    }
  };
  return (
    <p className="buttons">
      <button type="button" onClick={() => void forget()}>
        Forget {name}
      </button>
      {failure && <Problem failure={failure} />}
    </p>
  );
};

const Write = () => {
  const [name, setName] = useState('');
  const [text, setText] = useState(example);
  const [failure, setFailure] = useState<Failure | null>(null);
  const store = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      await call(routes.putPolicy, { params: { name }, body: { text } });
      changed(/^policies/);
      go(hrefOf(`/policies/${name}`));
    } catch (error) {
      setFailure(error instanceof Failure ? error : new Failure(String(error), null));
    }
  };
  return (
    <details>
      <summary>Write a policy</summary>
      <form onSubmit={(event) => void store(event)}>
        <p className="field">
          <label htmlFor="policy-name">Name</label>
          <input id="policy-name" required pattern="[a-z0-9]([a-z0-9-]*[a-z0-9])?" value={name} onChange={({ target }) => setName(target.value)} />
        </p>
        <p className="field">
          <label htmlFor="policy-text">Policy (YAML)</label>
          <textarea id="policy-text" rows={14} required spellCheck={false} value={text} onChange={({ target }) => setText(target.value)} />
        </p>
        {failure && <Problem failure={failure} />}
        <p className="buttons">
          <button type="submit" className="primary">
            Store the policy
          </button>
        </p>
      </form>
    </details>
  );
};
