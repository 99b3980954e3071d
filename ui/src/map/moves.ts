// Applications that are on their way right now, from where to where.
import { z } from 'zod';
import type { Application, Operation } from '../../../contract/src/index.ts';
import { going } from '../words.ts';

export type Move = { readonly operation: string; readonly application: string; readonly from: string; readonly to: string };

const words = z.tuple([z.string(), z.string(), z.string()]);

/** The title of a move says it: Move shop from amstel to main. */
export const movesOf = (operations: readonly Operation[], applications: readonly Application[]): Move[] =>
  operations
    .filter(({ kind, state }) => (kind === 'migrate' || kind === 'evacuate') && going.includes(state))
    .flatMap(({ id, kind, title, subject }) => {
      const parsed = words.safeParse(/^Move (\S+) from (\S+) to (.+)$/.exec(title)?.slice(1));
      if (kind === 'migrate' && parsed.success) {
        const [application, from, to] = parsed.data;
        return to.split(', ').map((one) => ({ operation: id, application, from, to: one }));
      }
      return applications
        .filter(({ state, clusters }) => state === 'migrating' && clusters.includes(subject))
        .flatMap(({ name, clusters }) => clusters.filter((one) => one !== subject).map((to) => ({ operation: id, application: name, from: subject, to })));
    });
