// The steps of an operation with their times, as they are now.
import { useProgress } from './live.ts';
import { stepsOf, stepWords } from './steps.ts';
import type { StepNow, StepState } from './steps.ts';
import { useNow } from './useNow.ts';
import { counted, duration, zoned } from './words.ts';
import type { OperationDetail } from '../../contract/src/index.ts';

const signs: Readonly<Record<StepState, string>> = { todo: '○', active: '●', waiting: '◐', asking: '?', failed: '✗', done: '✓', undoing: '↩', undone: '↩' };

type Props = { readonly detail: OperationDetail; readonly isShort?: boolean };

export const Steps = ({ detail, isShort = false }: Props) => {
  const now = useNow(1000);
  const progress = useProgress(detail.id);
  const steps = stepsOf(detail);
  const shown = isShort ? around(steps) : steps;
  const hiddenBefore = shown[0]?.index ?? 0;
  const hiddenAfter = steps.length - 1 - (shown.at(-1)?.index ?? steps.length - 1);
  return (
    <ol className={`steps${isShort ? ' short' : ''}`} aria-label="Steps">
      {hiddenBefore > 0 && <li className="done more">✓ {counted(hiddenBefore, 'step')} before</li>}
      {shown.map((one) => (
        <li key={one.index} className={`${one.state}${one.index === detail.plan.pointOfNoReturn ? ' no-return' : ''}`}>
          <span className="sign" aria-hidden="true">
            {signs[one.state]}
          </span>
          <span className="title">
            {one.step.title}
            <span className="unseen">, {stepWords[one.state]}</span>
            {one.attempts > 1 && <em> · attempt {one.attempts}</em>}
          </span>
          <span className="time" title={one.at === null ? undefined : zoned(one.at)}>
            {timeOf(one, now, progress !== null && progress.step === one.index ? progress.fraction : null)}
          </span>
        </li>
      ))}
      {hiddenAfter > 0 && <li className="todo more">○ {hiddenAfter} more</li>}
    </ol>
  );
};

const shortMost = 8;
/** Of what is over its last steps say enough. */
const endedMost = 4;

/** What just ended, what runs, what comes. */
const around = (steps: readonly StepNow[]): readonly StepNow[] => {
  const most = steps.every(({ state }) => state === 'done') ? endedMost : shortMost;
  if (steps.length <= most) return steps;
  const at = steps.findIndex(({ state }) => state !== 'done');
  const from = Math.max(0, Math.min((at < 0 ? steps.length : at) - 3, steps.length - most));
  return steps.slice(from, from + most);
};

const timeOf = ({ state, at, tookMs, step }: StepNow, now: number, fraction: number | null): string => {
  if (tookMs !== null) return state === 'undone' ? 'undone' : duration(tookMs);
  if (state === 'active' || state === 'undoing')
    return fraction !== null && fraction > 0 ? `${Math.round(fraction * 100)} %` : at === null ? '' : duration(Math.max(0, now - Date.parse(at)));
  if (state === 'waiting' && at !== null) return `waits ${duration(now - Date.parse(at))}`;
  if (state === 'failed') return 'failed';
  return step.destructive && state === 'todo' ? 'final' : '';
};
