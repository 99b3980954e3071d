// The title of the window says the state, so that a tab in the back tells it too.
import type { Everything } from './useKnown.ts';
import { going } from './words.ts';

const names: Readonly<Record<string, string>> = {
  offers: 'Offers',
  applications: 'Applications',
  operations: 'Operations',
  policies: 'Policies',
  audit: 'Audit',
  provider: 'Provider',
};

export const titleOf = ({ operations, isKnown, total, matching }: Everything, [view = 'map', one]: readonly string[]): string => {
  const running = operations.find(({ state }) => going.includes(state));
  const asking = operations.find(({ state }) => state === 'asking');
  const state =
    asking !== undefined
      ? `${asking.title} asks you`
      : running !== undefined
        ? `${running.pause === 'paused' ? 'paused, ' : ''}${running.stepsDone} of ${running.stepsTotal} – ${running.title}`
        : view === 'offers' && isKnown.offers
          ? `${matching} of ${total} match`
          : '';
  const place = one !== undefined && view !== 'operations' ? one : (names[view] ?? 'Map');
  return [state, place, 'Hanse'].filter((part) => part !== '').join(' – ');
};
