// What is happening now, and is anybody harmed?
import type { OperationDetail } from '../../contract/src/index.ts';
import { ask, useAnswer, useProgress } from './live.ts';
import { OperationButtons } from './OperationButtons.tsx';
import { hrefOf } from './route.ts';
import { harmOf, standingOf } from './steps.ts';
import { Steps } from './Steps.tsx';
import type { Everything } from './useKnown.ts';
import { clock, counted, duration, going, stateWords, zoned } from './words.ts';

export const Strip = ({ known }: { readonly known: Everything }) => {
  const { operations } = known;
  const running = operations.filter(({ state }) => going.includes(state));
  const shown = running.find(({ state }) => state === 'asking') ?? running[0];
  const lastEnded = operations.find(({ state }) => ['done', 'rolledBack', 'failed'].includes(state));
  const isFresh = lastEnded !== undefined && Date.now() - Date.parse(lastEnded.updatedAt) < 120_000;
  const id = shown?.id ?? (isFresh ? lastEnded.id : null);
  const { data: detail } = useAnswer(id === null ? null : ask.operation(id));
  return (
    <section className={`strip${detail ? '' : ' quiet'}`} aria-label="What is happening now">
      {detail ? <Now detail={detail} others={running.length - 1} /> : id === null ? <Quiet known={known} /> : <p className="muted">Reading what happens…</p>}
    </section>
  );
};

const Quiet = ({ known: { operations, clusters, peerings, applications } }: { readonly known: Everything }) => {
  const last = operations.find(({ state }) => state !== 'planned' && state !== 'discarded');
  return (
    <p>
      <b>Nothing is happening now.</b>{' '}
      {last ? (
        <>
          Last: <a href={hrefOf(`/operations/${last.id}`)}>{last.title}</a>, {stateWords[last.state]} at{' '}
          <time title={zoned(last.updatedAt)}>{clock(last.updatedAt)}</time>.
        </>
      ) : (
        <>{nextStep(clusters.length, peerings.length, applications.length)}</>
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
  return (
    <>
      <div className="doing">
        <h2>
          <a href={hrefOf(`/operations/${detail.id}`)}>{detail.title}</a>{' '}
          <small>
            {stateWords[detail.state]} · started <time title={zoned(began)}>{clock(began)}</time> · approved by{' '}
            {detail.actor === 'admin' ? 'you' : detail.actor}
            {others > 0 && (
              <>
                {' · '}
                <a href={hrefOf('/operations')}>{counted(others, 'other')}</a>
              </>
            )}
          </small>
        </h2>
        <Steps detail={detail} isShort />
        <p className="standing" role="status">
          {standingOf(detail, progress?.message ?? null)} <OperationButtons detail={detail} isInline />
        </p>
      </div>
      <Numbers detail={detail} />
    </>
  );
};

const Numbers = ({ detail }: { readonly detail: OperationDetail }) => {
  const isMove = detail.kind === 'migrate';
  const { data: status } = useAnswer(isMove ? ask.status(detail.subject) : null);
  const harm = harmOf(detail.journal);
  const ready = status?.placement.reduce((sum, one) => sum + one.ready, 0);
  const wanted = status?.workloads.reduce((sum, one) => sum + one.wanted, 0);
  if (!isMove) {
    const isOver = detail.state !== 'running' && detail.state !== 'waiting';
    return (
      <div className="numbers">
        <p className={`big ${detail.state === 'failed' ? 'red' : isOver && detail.state !== 'done' ? 'amber' : 'green'}`}>
          {detail.stepsDone} of {detail.stepsTotal}
        </p>
        <p className="muted">steps stand</p>
      </div>
    );
  }
  const { requests, interruptedMs, readyMin } = harm;
  const isHarmed = requests !== null ? requests.lost > 0 : (interruptedMs ?? 0) > 0;
  return (
    <div className="numbers">
      <p className={`big ${isHarmed ? 'red' : 'green'}`}>
        {requests !== null ? `${requests.lost.toLocaleString('en')} lost` : `${duration(interruptedMs ?? 0)} interrupted`}
      </p>
      <p className="muted">
        {requests !== null
          ? `of ${requests.total.toLocaleString('en')} requests during the move`
          : interruptedMs === null
            ? 'so far; predicted: none'
            : 'measured at the endpoints; predicted: none'}
      </p>
      <dl>
        <dt>ready replicas</dt>
        <dd>{ready === undefined ? '–' : `${ready} (wanted ${wanted ?? '–'})`}</dd>
        <dt>fewest ready</dt>
        <dd>{readyMin ?? '–'}</dd>
        <dt>predicted interruption</dt>
        <dd>none</dd>
        <dt>steps</dt>
        <dd>
          {detail.stepsDone} of {detail.stepsTotal}
        </dd>
      </dl>
    </div>
  );
};
