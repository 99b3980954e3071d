// Writes what a web server has to answer for a participant, from its signed credentials.
import { certificatesIn, didWebHost, judgeChain, verifySignature } from '../../../broker/src/catalogue/index.ts';
import { baseOf, filesOf, ownKey, presentationFile, presentationOf } from '../../../broker/src/publishing/index.ts';
import { issue, writeFolder, type Signer } from '../../../broker/src/publishing/io/index.ts';
import { failWith } from '../failure.ts';
import type { Exit } from '../failure.ts';
import { readText } from '../files.ts';
import { offline } from '../offline.ts';
import { clean } from '../output.ts';
import { signerOf, type SigningOptions } from '../signing.ts';
import type { Terminal } from '../terminal.ts';
import { signedIn, type SignedFile } from '../tokens.ts';

export type PublishOptions = SigningOptions & { readonly out: string; readonly chain?: string };

export const publish = async (terminal: Terminal, names: readonly string[], options: PublishOptions): Promise<Exit> => {
  const signed = await signedIn(terminal, names);
  const ids = signed.map(({ credential }) => credential.payload.id);
  const twice = signed.find(({ credential }, index) => ids.indexOf(credential.payload.id) !== index);
  if (twice !== undefined)
    throw failWith('usage', `${twice.file} has the id of another of them.`, 'Name the newer one alone: both would lie at the same address.');
  const signer = await signerOf(terminal, options);
  const did = ownerOf(signed, signer);
  const base = baseOf(did) ?? '';
  const chain = options.chain === undefined ? null : chainIn(terminal, await readText(terminal, options.chain), { did, signer });
  const document = presentationOf(
    did,
    base + presentationFile,
    signed.map(({ token }) => token),
  );
  const { token: presentation, key } = await offline(() => issue(signer, 'presentation', did, document));
  const files = filesOf({ did, key, chain, credentials: signed, presentation });
  await writeFolder(options.out, files);
  terminal.out(
    `${Object.keys(files)
      .map((path) => `${base}${path}\n`)
      .join('')}`,
  );
  terminal.out(`\n${options.out} holds what has to answer at these addresses, over https. Then: hanse check ${did}\n`);
  if (chain === null) terminal.err('No certificate chain was named (--chain): catalogues and clearing houses that ask for one will not rely on this key.\n');
  return 'done';
};

/** The DID whose key this is: all that it issued has to be signed with it. What notaries and label issuers signed is theirs. */
export const ownerOf = (signed: readonly SignedFile[], signer: Signer): string => {
  const isOurs = ({ credential }: SignedFile): boolean =>
    credential.header.kid === ownKey(credential.payload.issuer, signer.jwk, signer.algorithm).kid &&
    verifySignature(signer.jwk, credential.header.alg, credential);
  const dids = [...new Set(signed.filter(isOurs).map(({ credential }) => credential.payload.issuer))];
  const [did] = dids;
  if (did === undefined) throw failWith('usage', 'None of the credentials is signed with this key.', 'Sign them with it: hanse sign.');
  if (dids.length > 1) throw failWith('usage', `The credentials are of several issuers: ${dids.map(clean).join(', ')}.`, 'Publish each of them by itself.');
  const other = signed.find((each) => each.credential.payload.issuer === did && !isOurs(each));
  if (other !== undefined) throw failWith('usage', `${other.file} is signed with another key.`, 'Sign it again with this one: hanse sign.');
  return did;
};

/** The certificates alone: a private key that stands beside them goes nowhere. */
const chainIn = (terminal: Terminal, text: string, { did, signer }: { readonly did: string; readonly signer: Signer }): string => {
  const certificates = certificatesIn(text);
  if ('reason' in certificates) throw failWith('usage', `The chain cannot be read: ${certificates.reason}.`, 'Give PEM certificates, leaf first.');
  const rules = { anchors: [], isRegistered: true, policies: [], host: didWebHost(did) };
  const verdict = judgeChain(certificates, signer.jwk, rules, Date.now());
  if (verdict.reason.includes('not for the key'))
    throw failWith('usage', `The chain does not fit: ${verdict.reason}.`, 'Give the chain of the certificate of this very key, leaf first.');
  if (verdict.result !== 'passed') terminal.err(`Warning: of the chain: ${clean(verdict.reason)}\n`);
  return certificates.map((each) => `${each.trim()}\n`).join('');
};
