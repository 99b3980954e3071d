// Seconds that pass in a step, ended at once by its signal.
import { HanseError } from '../../../errors.ts';

/** Throws the signal's reason, or LEASE_LOST. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (): void => {
      clearTimeout(timer);
      const reason: unknown = signal.reason;
      reject(reason instanceof HanseError ? reason : new HanseError('LEASE_LOST', 'A wait was interrupted.'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', ended);
      resolve();
    }, milliseconds);
    if (signal.aborted) return ended();
    signal.addEventListener('abort', ended, { once: true });
  });
}
