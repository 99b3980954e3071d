// Audit: whether the chain holds, what it tells, and a copy to take away.
import { useState } from 'react';
import type { AuditEntry } from '../../../contract/src/index.ts';
import { ask, useAnswer } from '../live.ts';
import { Problem } from '../Problem.tsx';
import { hrefOf } from '../route.ts';
import { clock, counted, zoned } from '../words.ts';

export const Audit = () => {
  const verdict = useAnswer(ask.verdict);
  const events = useAnswer(ask.audit);
  const [words, setWords] = useState('');
  const shown = (events.data ?? []).filter(({ action, actor, subject }) =>
    words.split(/\s+/).every((word) => `${action} ${actor} ${subject}`.toLowerCase().includes(word.toLowerCase())),
  );
  return (
    <div className="view">
      <h1>Audit</h1>
      {verdict.data ? (
        <p className={verdict.data.valid ? 'green' : 'red'}>
          <b>{verdict.data.valid ? '✓ The chain holds' : '✗ The chain is broken'}</b>{' '}
          <span className="muted">{counted(verdict.data.events, 'event')} read</span>
        </p>
      ) : verdict.failure ? (
        <Problem failure={verdict.failure} />
      ) : (
        <p className="muted">Reading the whole log and checking its chain…</p>
      )}
      {verdict.data?.faults.map(({ seq, message }) => (
        <p key={message} className="red">
          {seq !== null && `Event ${seq}: `}
          {message}
        </p>
      ))}
      {verdict.data?.head && (
        <p className="muted">
          Its head, to keep elsewhere: <code>{`${verdict.data.head.seq}:${verdict.data.head.hash}`}</code>. Later:{' '}
          <code>hanse audit verify --head SEQ:HASH</code>
        </p>
      )}
      {events.data?.length === 0 && <p>Nothing happened yet, so nothing is written.</p>}
      {(events.data ?? []).length > 0 && (
        <>
          <p className="field row">
            <label htmlFor="audit-filter">Only with these words</label>
            <input id="audit-filter" value={words} onChange={({ target }) => setWords(target.value)} />
            <Export events={shown} />
          </p>
          <div className="scroll" tabIndex={0} role="region" aria-label="Audit log">
            <table className="rows">
              <caption className="unseen">The newest events first</caption>
              <thead>
                <tr>
                  <th scope="col" className="number">
                    No.
                  </th>
                  <th scope="col">When</th>
                  <th scope="col">Who</th>
                  <th scope="col">What</th>
                  <th scope="col">About</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((event) => (
                  <tr key={event.seq}>
                    <td className="number">{event.seq}</td>
                    <td title={zoned(event.at)}>{clock(event.at)}</td>
                    <td>{event.actor}</td>
                    <td>{event.action}</td>
                    <td>{event.action.startsWith('operation.') ? <a href={hrefOf(`/operations/${event.subject}`)}>{aboutOf(event)}</a> : event.subject}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </div>
  );
};

const aboutOf = ({ detail, subject }: AuditEntry): string => {
  const { kind, about } = detail;
  return typeof kind === 'string' && typeof about === 'string' ? `${kind} ${about}` : subject;
};

const Export = ({ events }: { readonly events: readonly AuditEntry[] }) => {
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([events.map((event) => JSON.stringify(event)).join('\n')], { type: 'application/x-ndjson' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'hanse-audit.ndjson';
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <button type="button" onClick={save}>
      Export {counted(events.length, 'event')}
    </button>
  );
};
