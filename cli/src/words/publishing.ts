// The words of who offers a cluster to others: describe, sign, publish, submit, check.
import type { Command } from 'commander';
import { Option } from 'commander';
import { collect, positive, reading } from '../options.ts';
import type { Runner } from '../options.ts';
import type { Terminal } from '../terminal.ts';

const signing = (command: Command): Command =>
  command
    .option('--key <file>', 'private key: PEM without a passphrase, or JWK; - reads standard input')
    .option('--signer <command>', 'for a key that cannot be exported: gets the bytes on standard input, writes the raw signature; with --public-key')
    .option('--public-key <file>', 'public key or certificate (PEM) or JWK of the signer, which its signatures are held against')
    .option('--alg <algorithm>', 'ES256, ES384, ES512, EdDSA, PS256, PS384, PS512, RS256; by default what suits the key');

const reaching = (command: Command): Command =>
  command
    .option('--allow <host:port>', 'private address that may be spoken to, or a range of them; can be repeated', collect)
    .option('--ca-file <file>', 'certificate authorities (PEM) that count beside the system’s');

export const addPublishing = (program: Command, terminal: Terminal, run: Runner): void => {
  program
    .command('describe')
    .description('Describe a live cluster and its provider as a Gaia-X offering; reads the cluster, and asks for what it cannot read')
    .requiredOption('--kubeconfig <file>', 'kubeconfig with embedded credentials that may read; - reads standard input')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--out <dir>', 'write one JSON document for each credential, and answers.yaml; by default everything goes to standard output')
    .option('--set <name=value>', 'an answer, as datacenter.country=DE; can be repeated', collect)
    .option('--answers <file>', 'YAML with answers, such as an earlier answers.yaml')
    .option('--allow <host:port>', 'private address of the cluster that may be spoken to, or a range of them; can be repeated', collect)
    .action(run(async (options) => (await import('../commands/describe.ts')).describe(terminal, options)));

  reading(
    signing(
      program
        .command('sign')
        .description('Sign documents as VC-JWT: each FILE.json becomes FILE.jwt')
        .argument('<files...>', 'documents, or directories of them'),
    ),
  )
    .option('--days <days>', 'how long they count', positive, 90)
    .option('--out <dir>', 'write them there; by default beside the documents')
    .action(run(async (files, options) => (await import('../commands/sign.ts')).sign(terminal, files, options)));

  signing(
    program
      .command('publish')
      .description('Write a folder for any web server: did.json, certificate chain, credentials, a presentation of all of them, an index')
      .argument('<files...>', 'signed credentials (*.jwt), or directories of them'),
  )
    .requiredOption('--out <dir>', 'the folder: what its web server answers below the address of the DID')
    .option('--chain <file>', 'certificate chain (PEM) of the key, leaf first')
    .action(run(async (files, options) => (await import('../commands/publish.ts')).publish(terminal, files, options)));

  const clearingHouse = program.command('clearinghouse').description('Gaia-X clearing houses: registration numbers, compliance, labels');
  reaching(
    signing(
      clearingHouse
        .command('submit')
        .description('Have the registration number confirmed by a notary, and a presentation of all credentials by a compliance service')
        .argument('<dir>', 'directory of signed credentials (*.jwt); what comes back is written there'),
    ),
  )
    .option('--notary <url>', 'address of the notary, without /v2')
    .option('--compliance <url>', 'address of the compliance service, without /v2')
    .addOption(new Option('--level <level>', 'what is asked for').choices(['SC', 'L1', 'L2', 'L3']).default('SC'))
    .action(run(async (dir, options) => (await import('../commands/clearinghouse.ts')).submit(terminal, dir, options)));

  reading(
    reaching(
      program
        .command('check')
        .description('Judge what a participant shows, as a catalogue does and without a broker: every check, its reason, and what to do')
        .argument('<target>', 'did:web:…, https://…, or a folder that is to be published'),
    ),
  )
    .option('--anchor <file>', 'certificates (PEM) that chains may end in; can be repeated', collect)
    .option('--context <address=file>', 'JSON-LD context that counts under this address, such as that of Gaia-X; can be repeated', collect)
    .option('--shapes <file>', 'SHACL shapes, and the classes that they name (Turtle), such as those of Gaia-X; can be repeated', collect)
    .option('--registry <url>', 'Gaia-X registry that may answer for chains; can be repeated', collect)
    .option('--trust <role=did>', 'who is believed as notary, labelIssuer or certificationBody; can be repeated', collect)
    .action(run(async (target, options) => (await import('../commands/check.ts')).check(terminal, target, options)));
};
