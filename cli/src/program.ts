// Every command, its words and its help; what it does is imported when it is called, so that the command line starts quickly.
import { Command, Option } from 'commander';
import { exitCodes } from './failure.ts';
import type { Exit } from './failure.ts';
import { changing, choosing, collect, ofKind, oneOf, paused, positive, reading, sized, timed, whereAbout } from './options.ts';
import type { Runner } from './options.ts';
import { shells } from './completion.ts';
import { addDeclarations } from './words/documents.ts';
import { addDescribing } from './words/publishing.ts';
import { addDemo } from './words/demo.ts';
import { addProvider } from './words/provider.ts';
import { addCredentials } from './proving.ts';
import type { Terminal } from './terminal.ts';

export type Context = {
  readonly terminal: Terminal;
  readonly version: string;
  /** Starts the broker itself; ends when it ends. */
  serve(options: { config?: string }): Promise<Exit>;
  /** Keeps how the command ended. */
  ended(exit: Exit): void;
};

export const makeProgram = (context: Context): Command => {
  const { terminal } = context;
  const program = new Command('hanse')
    .description('Grow onto other providers’ clouds and move between them at will: find, federate, deploy, migrate, leave.')
    .version(context.version, '-V, --version')
    .exitOverride()
    .showHelpAfterError('Use --help to see how it is used.')
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, getOutHelpWidth: () => terminal.columns, getErrHelpWidth: () => terminal.columns })
    .addHelpText('after', tail);

  const run =
    <Args extends readonly unknown[]>(act: (...args: Args) => Promise<Exit>) =>
    async (...args: Args): Promise<void> =>
      context.ended(await act(...args));

  addServe(program, context, run);
  addClusters(program, terminal, run);
  addProvider(program, terminal, run);
  addDescribing(program, terminal, run);
  addFederation(program, terminal, run);
  addCredentials(program, terminal, run);
  addCatalogue(program, terminal, run);
  addLans(program, terminal, run);
  addApplications(program, terminal, run);
  addDeclarations(program, terminal, run);
  addOperations(program, terminal, run);
  addProof(program, terminal, run);
  reading(program.command('page').description('Print a link that lets one browser in: the web page of the broker')).action(
    run(async (options) => (await import('./commands/page.ts')).page(terminal, options)),
  );
  addDemo(program, terminal, run);
  program
    .command('completion')
    .description('Print a completion script: source <(hanse completion bash)')
    .argument('<shell>', shells.join(', '), oneOf(shells))
    .action(
      run(async (shell: (typeof shells)[number]) => {
        const { completionScript } = await import('./completion.ts');
        terminal.out(completionScript(program, shell));
        return 'done';
      }),
    );
  return program;
};

const addServe = (program: Command, context: Context, run: Runner): void => {
  program
    .command('serve')
    .description('Run the broker: its database, its engine and its API')
    .option('--config <file>', 'configuration (YAML)')
    .action(run(context.serve));
};

const addClusters = (program: Command, terminal: Terminal, run: Runner): void => {
  const cluster = program.command('cluster').description('Clusters: yours and those of providers');
  changing(
    cluster
      .command('add')
      .description('Add a cluster: an own account with few rights replaces the kubeconfig that is handed in')
      .argument('<name>', 'how you will call it'),
  )
    .option('--kubeconfig <file>', 'kubeconfig with embedded credentials; - reads standard input')
    .option('--openshift <url>', 'API server of an OpenShift; with --ca-file, and --token-file or --user and --password-file')
    .option('--rancher <url>', 'Rancher that manages it; with --token-file and --cluster')
    .option('--opennebula <url>', 'XML-RPC of the OpenNebula in which it runs; with --auth-file and --cluster')
    .option('--oneks <url>', 'OneKS of that OpenNebula (the same host, port 10780)')
    .option('--cluster <name>', 'what Rancher or OneKS calls it')
    .option('--token-file <file>', 'has a token of OpenShift or Rancher; - reads standard input')
    .option('--user <name>', 'of OpenShift')
    .option('--password-file <file>', 'has the password of that user; - reads standard input')
    .option('--auth-file <file>', 'has user:password of OpenNebula, as ~/.one/one_auth; - reads standard input')
    .option('--ca-file <file>', 'certificate authorities (PEM) of the address given')
    .addOption(new Option('--side <side>', 'consumer: your home cluster; provider: one that lends').choices(['consumer', 'provider']).makeOptionMandatory())
    .option('--context <name>', 'context of the kubeconfig')
    .option('--home <cluster>', 'for a provider: the home cluster that will use it')
    .action(run(async (name, options) => (await import('./commands/changes.ts')).clusterAdd(terminal, name, options)));
  changing(cluster.command('scale').description('Give a cluster more nodes or fewer, through the Rancher or OneKS by which it was added').argument('<name>'))
    .requiredOption('--nodes <number>', 'how many the node pool shall have; +1 or -1: so many more or fewer')
    .option('--node-pool <name>', 'which one, when there are several')
    .action(run(async (name, options) => (await import('./commands/changes.ts')).clusterScale(terminal, name, options)));
  reading(cluster.command('list').description('List the clusters')).action(
    run(async (options) => (await import('./commands/reads.ts')).listClusters(terminal, options)),
  );
  changing(cluster.command('remove').description('Take our account and everything else of ours out of a cluster').argument('<name>'))
    .option('--force', 'also when the cluster is gone for good; what could not be removed is reported')
    .action(run(async (name, options) => (await import('./commands/changes.ts')).clusterRemove(terminal, name, options)));
};

const addFederation = (program: Command, terminal: Terminal, run: Runner): void => {
  choosing(reading(program.command('offers').description('Verified offers of providers, held against criteria')))
    .option('--explain', 'every opinion, and the smallest change that would make an offer match')
    .option('--text <words>', 'only offers with a word that begins with each of these')
    .option('--facets [facts]', 'how many offers state which value: facts with commas between them')
    .option('--limit <count>', 'offers of one page', '50')
    .option('--offset <count>', 'offers before the page', '0')
    .action(run(async (options) => (await import('./commands/offers.ts')).offers(terminal, options)));
  reading(program.command('facts').description('Every fact that a criterion can name, with its units; asks no broker')).action(
    run(async (options) => (await import('./commands/facts.ts')).listFacts(terminal, options)),
  );
  sized(
    changing(
      program.command('federate').description('Federate with providers: their clusters become nodes of yours').argument('[providers...]', 'names of clusters'),
    ),
  )
    .option('--where <criterion>', whereAbout, collect)
    .option('--home <cluster>', 'your cluster, when you have several')
    .action(run(async (providers, options) => (await import('./commands/changes.ts')).federate(terminal, providers, options)));
  sized(changing(program.command('resize').description('Borrow more or less of a provider').argument('<provider>'))).action(
    run(async (provider, options) => (await import('./commands/changes.ts')).resize(terminal, provider, options)),
  );
  changing(program.command('leave').description('End the federation with a provider and prove that nothing is left').argument('<provider>'))
    .option('--evacuate', 'move what runs there away first')
    .option('--force', 'the provider is gone for good')
    .option('--home <cluster>', 'your cluster, when you have several')
    .action(run(async (provider, options) => (await import('./commands/changes.ts')).leave(terminal, provider, options)));
};

const addCatalogue = (program: Command, terminal: Terminal, run: Runner): void => {
  const catalogue = program.command('catalogue').description('Where credentials come from');
  reading(catalogue.command('sources', { isDefault: true }).description('Each source: how far it was read, what was refused, and why one is limited')).action(
    run(async (options) => (await import('./commands/sources.ts')).listSources(terminal, options)),
  );
  reading(catalogue.command('harvest').description('Read now, without waiting for their time, the services that are read bit by bit')).action(
    run(async (options) => (await import('./commands/sources.ts')).harvestSources(terminal, options)),
  );
};

const addLans = (program: Command, terminal: Terminal, run: Runner): void => {
  const lan = program.command('lan').description('Layer-2 networks at exchanges');
  reading(lan.command('list', { isDefault: true }).description('List the LANs')).action(
    run(async (options) => (await import('./commands/lans.ts')).listLans(terminal, options)),
  );
  lan
    .command('config')
    .description('Print what the nodes of the sites have to be told')
    .argument('<name>', 'of the LAN: the home cluster’s')
    .addOption(new Option('--format <format>', 'for kubernetes-nmstate, or netplan').choices(['nmstate', 'netplan']).default('nmstate'))
    .option('--member <cluster>', 'only of this cluster')
    .action(run(async (name, options) => (await import('./commands/lans.ts')).nodeConfig(terminal, name, options)));
};

const addApplications = (program: Command, terminal: Terminal, run: Runner): void => {
  choosing(changing(program.command('deploy').description('Deploy Kubernetes manifests over the providers that fit').argument('<name>', 'of the application')))
    .option('--policy <file>', 'a policy file with criteria and preferences')
    .requiredOption('-f, --filename <file>', 'file, directory, URL, or - for standard input; can be repeated', collect)
    .option('--clusters <names>', 'exactly these clusters, separated by commas', (text: string) => text.split(','))
    .option('--spread <providers>', 'over at least so many providers, where that is possible', positive)
    .option('--home <cluster>', 'your cluster, when you have several')
    .action(run(async (name, options) => (await import('./commands/changes.ts')).deploy(terminal, name, options)));
  changing(program.command('delete').description('Delete an application and prove that nothing of it is left').argument('<application>'))
    .option('--data', 'its volume claims too; what is in them is lost')
    .option('--foreign', 'also what others made in its namespace')
    .action(run(async (name, options) => (await import('./commands/changes.ts')).remove(terminal, name, options)));
  paused(
    changing(program.command('migrate').description('Move an application from one provider to another without losing a request').argument('<application>')),
  )
    .requiredOption('--from <cluster>', 'where it leaves')
    .option('--to <cluster>', 'where it goes: a cluster, or best', 'best')
    .action(run(async (name, options) => (await import('./commands/changes.ts')).migrate(terminal, name, options)));
  paused(changing(program.command('evacuate').description('Move everything away from a provider').argument('<provider>')))
    .option('--pace <seconds>', 'between one application and the next', positive)
    .option('--home <cluster>', 'your cluster, when you have several')
    .action(run(async (provider, options) => (await import('./commands/changes.ts')).evacuate(terminal, provider, options)));
  reading(program.command('status').description('Where an application runs now').argument('[application]')).action(
    run(async (name, options) => (await import('./commands/reads.ts')).status(terminal, name, options)),
  );
  choosing(
    reading(
      program
        .command('explain')
        .description('Why an application runs where it runs; or, with "offer NAME", what is offered, whose word each fact is, and how far it can be trusted')
        .argument('<application>', 'or the word offer')
        .argument('[offer]', 'our name of the cluster, or the id or name of the offering'),
    ),
  ).action(
    run(async (name, offer, options) => {
      if (name === 'offer' && offer !== undefined) return (await import('./commands/explainOffer.ts')).explainOffer(terminal, offer, options);
      return (await import('./commands/reads.ts')).explain(terminal, name, options);
    }),
  );
};

const addOperations = (program: Command, terminal: Terminal, run: Runner): void => {
  const operations = program.command('operations').description('Plans and what became of them');
  const commands = () => import('./commands/operations.ts');
  reading(operations.command('list', { isDefault: true }).description('List operations, newest first'))
    .option('--state <state>', 'only these')
    .option('--limit <number>', 'at most so many', positive)
    .action(run(async (options) => (await commands()).list(terminal, options)));
  reading(operations.command('show').description('Plan and journal of an operation').argument('<id>')).action(
    run(async (id, options) => (await commands()).showOne(terminal, id, options)),
  );
  timed(reading(operations.command('watch').description('Follow an operation to its end').argument('<id>'))).action(
    run(async (id, options) => (await commands()).watchOne(terminal, id, options)),
  );
  const steering = (name: string, about: string): Command =>
    timed(reading(operations.command(name).description(about).argument('<id>'))).option('--wait', 'follow it to its end');
  steering('approve', 'Carry out a plan that was stored').action(run(async (id, options) => (await commands()).approve(terminal, id, options)));
  steering('cancel', 'Discard a plan, or undo what was done').action(run(async (id, options) => (await commands()).cancel(terminal, id, options)));
  reading(operations.command('pause').description('Begin no other step; the one that is under way ends first').argument('<id>')).action(
    run(async (id, options) => (await commands()).pause(terminal, id, options)),
  );
  steering('resume', 'Go on after a pause').action(run(async (id, options) => (await commands()).resume(terminal, id, options)));
  steering('retry', 'Try a failed step again').action(run(async (id, options) => (await commands()).retry(terminal, id, options)));
  steering('answer', 'Answer the question of an operation')
    .argument('<key>', 'of one of the options')
    .action(run(async (id, key, options) => (await commands()).answer(terminal, id, key, options)));
};

const addProof = (program: Command, terminal: Terminal, run: Runner): void => {
  reading(
    program
      .command('verify')
      .description('Verify a receipt without a broker or a network: decide again from what it holds')
      .argument('<file>', 'receipt, as hanse get receipts ID -o json writes it, or the bare JWS; - reads standard input'),
  )
    .requiredOption('--key <file>', 'public key (PEM) of a broker that may have signed it; can be repeated', collect)
    .action(run(async (file, options) => (await import('./commands/verify.ts')).verify(terminal, file, options)));
  program
    .command('redact')
    .description('Take out of a receipt what it tells of some clusters, for a reader who may not see it; it then verifies as partly checked')
    .argument('<file>', 'receipt, as hanse get receipts ID -o json writes it, or the bare JWS; - reads standard input')
    .requiredOption('--cluster <name>', 'cluster whose facts, free capacity and reasons are taken out (that it was chosen is not); can be repeated', collect)
    .action(run(async (file, options) => (await import('./commands/verify.ts')).redact(terminal, file, options)));
  const lists = [
    'clusters',
    'offers',
    'federations',
    'peerings',
    'lans',
    'circuits',
    'reactions',
    'applications',
    'policies',
    'receipts',
    'operations',
  ] as const;
  const get = program
    .command('get')
    .description('List things, or show one in full; federations, applications and policies with -o yaml as documents for hanse apply');
  reading(ofKind(get, lists).argument('[name]')).action(
    run(async (kind: (typeof lists)[number], name: string | undefined, options) => {
      const declared = { federations: 'Federation', applications: 'Application', policies: 'Policy' } as const;
      if (kind === 'federations' || (options.output === 'yaml' && (kind === 'applications' || kind === 'policies')))
        return (await import('./commands/declarations.ts')).getDocuments(terminal, declared[kind], name, options.output === 'json' ? 'json' : 'yaml');
      const reads = await import('./commands/reads.ts');
      if (name !== undefined) return reads.getOne(terminal, kind, name, options);
      if (kind === 'operations') return (await import('./commands/operations.ts')).list(terminal, options);
      if (kind === 'reactions') return (await import('./commands/reactions.ts')).listReactions(terminal, options);
      const lans = await import('./commands/lans.ts');
      const byKind = {
        clusters: reads.listClusters,
        offers: (await import('./commands/offers.ts')).offers,
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
  const policy = program.command('policy').description('Stored policies');
  reading(policy.command('put').description('Store a policy').argument('<name>'))
    .requiredOption('-f, --filename <file>', 'policy file; - reads standard input')
    .option('--dry-run', 'show what would change and change nothing')
    .action(run(async (name, options) => (await import('./commands/policies.ts')).put(terminal, name, options)));
  reading(policy.command('forget').description('Forget a policy').argument('<name>'))
    .option('--dry-run', 'show what would change and change nothing')
    .action(run(async (name, options) => (await import('./commands/policies.ts')).forget(terminal, name, options)));
  const audit = program.command('audit').description('The audit log');
  reading(audit.command('verify').description('Check that no event was changed, removed, reordered or cut off'))
    .option('--head <seq:hash>', 'a head that was kept elsewhere')
    .action(run(async (options) => (await import('./commands/reads.ts')).auditVerify(terminal, options)));
};

const tail = `
hanse is bin/hanse.mjs of the checkout: alias hanse='node FOLDER/bin/hanse.mjs', or npm link where you may install for everybody.

Exit codes:
${Object.values(exitCodes)
  .map(([code, meaning]) => `  ${code}  ${meaning}`)
  .join('\n')}

Environment:
  HANSE_URL     address of the broker (http://127.0.0.1:7480)
  HANSE_TOKEN   its token; by default read from the token file that the broker makes at its first start
  NO_COLOR      no colours
`;
