// How a pod ends that has something to report.
import type { Member } from '../apiServer.ts';
import type { Stored } from '../object.ts';

/** It ends well, and its message says what it saw; null: it ended otherwise. */
export function end({ objects }: Member, pod: Stored, message: string | null): void {
  if (message === null) return;
  const finishedAt = new Date().toISOString();
  objects.update(pod, (p) => {
    p.status = {
      ...p.status,
      phase: 'Succeeded',
      conditions: [{ type: 'Ready', status: 'False', reason: 'PodCompleted', lastTransitionTime: finishedAt }],
      containerStatuses: [
        { name: 'probe', ready: false, started: false, restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt, message } } },
      ],
    };
  });
}
