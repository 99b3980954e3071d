// The command that lists things, and shows one in full.
import type { Command } from 'commander';
import { ofKind, reading } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

const lists = ['clusters', 'offers', 'federations', 'peerings', 'lans', 'circuits', 'reactions', 'applications', 'policies', 'receipts', 'operations'] as const;

export const addGet = (program: Command, terminal: Terminal, run: Runner): void => {
  const get = program
    .command('get')
    .description('List things, or show one in full; federations, applications and policies with -o yaml as documents for hanse apply');
  reading(ofKind(get, lists).argument('[name]')).action(
    run(async (kind: (typeof lists)[number], name: string | undefined, options) => {
      const declared = { federations: 'Federation', applications: 'Application', policies: 'Policy' } as const;
      if (kind === 'federations' || (options.output === 'yaml' && (kind === 'applications' || kind === 'policies')))
        return (await import('../commands/declarations.ts')).getDocuments(terminal, declared[kind], name, options.output === 'json' ? 'json' : 'yaml');
      const reads = await import('../commands/reads.ts');
      if (name !== undefined) return reads.getOne(terminal, kind, name, options);
      if (kind === 'operations') return (await import('../commands/operations.ts')).list(terminal, options);
      if (kind === 'reactions') return (await import('../commands/reactions.ts')).listReactions(terminal, options);
      const lans = await import('../commands/lans.ts');
      const byKind = {
        clusters: reads.listClusters,
        offers: (await import('../commands/offers.ts')).offers,
        peerings: reads.listPeerings,
        lans: lans.listLans,
        circuits: lans.listCircuits,
        applications: reads.listApplications,
        policies: reads.listPolicies,
        receipts: reads.listReceipts,
      };
      return byKind[kind](terminal, options);
    }),
  );
};
