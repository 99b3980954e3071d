// Why a peering cannot be left now, in sentences.
import type { Refusal } from '../operations/plan.ts';
import type { Use } from './sides.ts';

const some = (names: readonly string[]): string => (names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`);

/** Empty: nothing of anyone runs there. Claims come first: what they hold exists only there. */
export const inUse = (provider: string, applications: readonly string[], use: Use): readonly Refusal[] => [
  ...(use.claims.length > 0
    ? [
        {
          message: `${provider} holds ${use.claims.length} volume claim${use.claims.length === 1 ? '' : 's'}: ${some(use.claims)}.`,
          fix: 'Move or delete the data first: leaving would delete it.',
        },
      ]
    : []),
  ...(applications.length > 0
    ? [{ message: `${provider} runs ${some(applications)}.`, fix: `Run hanse evacuate ${provider}, or leave with --evacuate.` }]
    : []),
  ...(use.pods.length > 0
    ? [{ message: `${provider} runs ${use.pods.length} pod${use.pods.length === 1 ? '' : 's'}: ${some(use.pods)}.`, fix: 'Move or delete them first.' }]
    : []),
  ...(use.namespaces.length > 0
    ? [
        {
          message: `${provider} is used by the offloaded namespace${use.namespaces.length === 1 ? '' : 's'} ${some(use.namespaces)}.`,
          fix: 'Take the provider out of their clusterSelector, or delete their NamespaceOffloading.',
        },
      ]
    : []),
];
