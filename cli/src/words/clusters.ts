// The commands about clusters.
import type { Command } from 'commander';
import { Option } from 'commander';
import { changing, reading } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export const addClusters = (program: Command, terminal: Terminal, run: Runner): void => {
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
    .action(run(async (name, options) => (await import('../commands/changes.ts')).clusterAdd(terminal, name, options)));
  changing(cluster.command('scale').description('Give a cluster more nodes or fewer, through the Rancher or OneKS by which it was added').argument('<name>'))
    .requiredOption('--nodes <number>', 'how many the node pool shall have; +1 or -1: so many more or fewer')
    .option('--node-pool <name>', 'which one, when there are several')
    .action(run(async (name, options) => (await import('../commands/changes.ts')).clusterScale(terminal, name, options)));
  reading(cluster.command('list').description('List the clusters')).action(
    run(async (options) => (await import('../commands/reads.ts')).listClusters(terminal, options)),
  );
  changing(cluster.command('remove').description('Take our account and everything else of ours out of a cluster').argument('<name>'))
    .option('--force', 'also when the cluster is gone for good; what could not be removed is reported')
    .action(run(async (name, options) => (await import('../commands/changes.ts')).clusterRemove(terminal, name, options)));
};
