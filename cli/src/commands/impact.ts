// What runs on a proof that lapsed or soon will, and what its policy asks to be done.
import type { Impact } from '../../../contract/src/impact.ts';
import { routes } from '../../../contract/src/routes.ts';
import { connect } from '../client.ts';
import type { Exit } from '../failure.ts';
import { ageOf, clean, type Format, show, tableOf } from '../output.ts';
import type { Terminal } from '../terminal.ts';

/** Enough to tell them apart, as commits are shown. */
const digestShown = 12;

const doing = { act: 'move, by itself', ask: 'move, a person approves', forbid: 'nothing new there', warn: 'told' } as const;

const planOf = ({ holds, plan: { word, state, operation } }: Impact): string => {
  if (operation !== null) return state === 'asking' ? `hanse operations approve ${operation}` : operation;
  return `${doing[word]}${holds ? ' when it lapses' : ''}`;
};

export const listImpact = async (terminal: Terminal, { output, ...asked }: { output: Format; credential?: string; provider?: string }): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listImpact, { query: { ...asked, limit: 10_000 } });
  await show(terminal, output, items, () =>
    [
      tableOf(
        items,
        [
          ['APPLICATION', ({ application }) => application],
          ['PROVIDER', ({ provider }) => provider],
          ['CRITERION', ({ criterion }) => criterion],
          ['CREDENTIAL', ({ credential }) => credential.slice(0, digestShown)],
          ['STATE', ({ state }) => state],
          ['SINCE', ({ since }) => (since === null ? null : ageOf(since, Date.now()))],
          ['HOLDS', ({ holds }) => (holds ? 'yes' : 'no')],
          ['PLAN', planOf],
        ],
        asked.credential === undefined ? 'Nothing runs on a proof that lapsed or ends soon.' : 'Nothing rests on it.',
      ),
      ...[...new Map(items.map((item) => [item.credential, item])).values()].flatMap(({ credential, state, why }) =>
        why === null ? [] : [clean(`\n${credential.slice(0, digestShown)} is ${state}: ${why}\n`)],
      ),
    ].join(''),
  );
  return 'done';
};

export const credentialHistory = async (terminal: Terminal, digest: string, { output }: { output: Format }): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listCredentialHistory, { params: { digest } });
  await show(terminal, output, items, () =>
    tableOf(
      items,
      [
        ['AT', ({ at }) => at],
        ['FROM', ({ from }) => from],
        ['TO', ({ state }) => state],
        ['WHY', ({ why }) => (why === null ? null : clean(why))],
      ],
      'Its state has not changed since it was seen first.',
    ),
  );
  return 'done';
};
