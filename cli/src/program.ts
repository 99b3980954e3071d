// Every command, its words and its help; what it does is imported when it is called, so that the command line starts quickly.
import { Command } from 'commander';
import { exitCodes } from './failure.ts';
import type { Exit } from './failure.ts';
import type { Terminal } from './terminal.ts';
import { addApplications } from './words/applications.ts';
import { addBroker } from './words/broker.ts';
import { addClusters } from './words/clusters.ts';
import { addCredentials } from './words/credentials.ts';
import { addDemo } from './words/demo.ts';
import { addDocuments } from './words/documents.ts';
import { addFederation } from './words/federation.ts';
import { addGet } from './words/get.ts';
import { addOffers } from './words/offers.ts';
import { addOperations } from './words/operations.ts';
import { addPolicies } from './words/policies.ts';
import { addProof } from './words/proof.ts';
import { addProvider } from './words/provider.ts';
import { addPublishing } from './words/publishing.ts';

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

  program.commandsGroup('Find providers:');
  addOffers(program, terminal, run);
  addCredentials(program, terminal, run);
  program.commandsGroup('Borrow clusters:');
  addClusters(program, terminal, run);
  addFederation(program, terminal, run);
  program.commandsGroup('Run applications:');
  addApplications(program, terminal, run);
  program.commandsGroup('Say it in documents:');
  addDocuments(program, terminal, run);
  addPolicies(program, terminal, run);
  program.commandsGroup('See what there is, and prove it:');
  addGet(program, terminal, run);
  addOperations(program, terminal, run);
  addProof(program, terminal, run);
  program.commandsGroup('Be a provider:');
  addProvider(program, terminal, run);
  addPublishing(program, terminal, run);
  program.commandsGroup('The broker, the demo, this command line:');
  addBroker(program, context, run);
  addDemo(program, terminal, run);
  return program;
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
