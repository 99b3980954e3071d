// What is happening now, and is anybody harmed?
import type { OperationDetail } from '../../contract/src/index.ts';
import { ask, useAnswer, useProgress } from './live.ts';
import { OperationButtons } from './OperationButtons.tsx';
import { hrefOf } from './route.ts';
import { Numbers } from './Numbers.tsx';
import { standingOf } from './steps.ts';
import { Steps } from './Steps.tsx';
import type { Everything } from './useKnown.ts';
import { clock, counted, going, stateWord, zoned } from './words.ts';

/** `above`: the operation that the view above shows by itself. */
export const Strip = ({ known, above }: { readonly known: Everything; readonly above: string | null }) => {
  const { operations } = known;
  const running = operations.filter(({ state }) => going.includes(state));
  const shown = running.find(({ state }) => state === 'asking') ?? running[0];
  const lastEnded = operations.find(({ state }) => ['done', 'rolledBack', 'failed'].includes(state));
  const isFresh = lastEnded !== undefined && Date.now() - Date.parse(lastEnded.updatedAt) < 120_000;
  const id = shown?.id ?? (isFresh ? lastEnded.id : null);
  const { data: detail } = useAnswer(id === null ? null : ask.operation(id));
  if (id !== null && id === above) return null;
  return (
    <section className={`strip${detail ? '' : ' quiet'}`} aria-label="What is happening now">
      {detail ? <Now detail={detail} others={running.length - 1} /> : id === null ? <Quiet known={known} /> : <p className="muted">Reading what happens…</p>}
    </section>
  );
};

const Quiet = ({ known: { operations, clusters, peerings, applications, isKnown, untold } }: { readonly known: Everything }) => {
  if (!isKnown.operations)
    return <p className="muted">{untold.some(({ what }) => what === 'operations') ? 'What is happening now is not known.' : 'Reading what happens…'}</p>;
  const last = operations.find(({ state }) => state !== 'planned' && state !== 'discarded');
  return (
    <p>
      <b>Nothing is happening now.</b>{' '}
      {last ? (
        <>
          Last: <a href={hrefOf(`/operations/${last.id}`)}>{last.title}</a>, {stateWord(last)} at{' '}
          <time title={zoned(last.updatedAt)}>{clock(last.updatedAt)}</time>.
        </>
      ) : (
        isKnown.clusters && isKnown.peerings && isKnown.applications && <>{nextStep(clusters.length, peerings.length, applications.length)}</>
      )}
    </p>
  );
};

/** Empty states teach. */
const nextStep = (clusters: number, peerings: number, applications: number) => {
  if (clusters === 0)
    return (
      <>
        Begin with your own cluster: <code>hanse cluster add home --kubeconfig FILE --side consumer</code>
      </>
    );
  if (peerings === 0)
    return (
      <>
        Choose criteria above and plan a federation, or: <code>hanse federate NAME</code>
      </>
    );
  if (applications === 0)
    return (
      <>
        Deploy something: <code>hanse deploy shop -f shop/</code>
      </>
    );
  return null;
};

const Now = ({ detail, others }: { readonly detail: OperationDetail; readonly others: number }) => {
  const progress = useProgress(detail.id);
  const began = detail.journal[0]?.at ?? detail.createdAt;
  const standing = (
    <p className="standing" role="status">
      {standingOf(detail, progress?.message ?? null)} <OperationButtons detail={detail} isInline />
    </p>
  );
  const isAsking = detail.state === 'asking'; // a question is never below steps that fill the window
  return (
    <>
      <div className="doing">
        <h2>
          <a href={hrefOf(`/operations/${detail.id}`)}>{detail.title}</a>{' '}
          <small>
            {detail.state !== 'running' || detail.pause !== null ? `${stateWord(detail)} · ` : ''}started <time title={zoned(began)}>{clock(began)}</time> ·
            approved by {detail.actor === 'admin' ? 'you' : detail.actor}
            {others > 0 && (
              <>
                {' · '}
                <a href={hrefOf('/operations')}>{counted(others, 'other')}</a>
              </>
            )}
          </small>
        </h2>
        {isAsking && standing}
        <Steps detail={detail} isShort />
        {!isAsking && standing}
      </div>
      <Numbers detail={detail} />
    </>
  );
};
