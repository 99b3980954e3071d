// Signs documents as credentials, each with the key of its issuer, and nothing that a judge would not take.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readReceived } from '../../../broker/src/catalogue/index.ts';
import { baseOf, dated, type Document } from '../../../broker/src/publishing/index.ts';
import { issue, writeFolder } from '../../../broker/src/publishing/io/index.ts';
import { failWith } from '../failure.ts';
import type { Exit } from '../failure.ts';
import { readText } from '../files.ts';
import { offline } from '../offline.ts';
import { show, tableOf } from '../output.ts';
import type { Format } from '../output.ts';
import { signerOf, type SigningOptions } from '../signing.ts';
import type { Terminal } from '../terminal.ts';

export type SignOptions = SigningOptions & { readonly days: number; readonly out?: string; readonly output: Format };

export const sign = async (terminal: Terminal, names: readonly string[], options: SignOptions): Promise<Exit> => {
  const documents = (await Promise.all(names.map((name) => documentsIn(terminal, name)))).flat();
  if (documents.length === 0)
    throw failWith('usage', 'There is no document to be signed.', 'Name JSON documents with a credentialSubject, as hanse describe writes them.');
  const signer = await signerOf(terminal, options);
  const signed: { file: string; issuer: string; until: string; state: 'signed' | 'kept' }[] = [];
  for (const { file, document } of documents) {
    const did = issuerOf(file, document);
    const to = join(options.out ?? dirname(file), `${basename(file).replace(/\.json(ld)?$/, '')}.jwt`);
    const other = await issuerThere(terminal, to);
    if (other !== null && other !== did) {
      signed.push({ file: to, issuer: other, until: '', state: 'kept' });
      continue;
    }
    const { token, read } = await offline(() => issue(signer, 'credential', did, dated(document, Date.now(), options.days)));
    await writeFolder(dirname(to), { [basename(to)]: `${token}\n` });
    signed.push({ file: to, issuer: did, until: read.kind === 'credential' ? (read.payload.validUntil ?? '') : '', state: 'signed' });
  }
  await show(terminal, options.output, signed, () =>
    tableOf(
      signed,
      [
        ['FILE', ({ file }) => file],
        ['STATE', ({ state }) => (state === 'kept' ? 'kept: somebody else’s word' : state)],
        ['ISSUER', ({ issuer }) => issuer],
        ['UNTIL', ({ until }) => until],
      ],
      '',
    ),
  );
  return 'done';
};

type Named = { readonly file: string; readonly document: Document };

const documentsIn = async (terminal: Terminal, name: string): Promise<readonly Named[]> => {
  const about = await stat(name).catch(() => null);
  if (about?.isDirectory() !== true) {
    const document = documentOf(await readText(terminal, name));
    if (document === null) throw failWith('usage', `${name} is not a JSON document with a credentialSubject.`, 'hanse describe writes such documents.');
    return [{ file: name, document }];
  }
  const files = (await readdir(name)).filter((each) => /\.json(ld)?$/.test(each)).toSorted();
  const read = await Promise.all(
    files.slice(0, 500).map(async (each) => ({ file: join(name, each), document: documentOf(await readText(terminal, join(name, each))) })),
  );
  return read.flatMap(({ file, document }) => (document === null ? [] : [{ file, document }]));
};

/** null: something else. */
const documentOf = (text: string): Document | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'credentialSubject' in value ? { ...value } : null;
  } catch {
    return null;
  }
};

const issuerOf = (file: string, { issuer }: Document): string => {
  const id = typeof issuer === 'object' && issuer !== null && 'id' in issuer ? issuer.id : issuer;
  if (typeof id === 'string' && baseOf(id) !== null) return id;
  throw failWith('usage', `${file} names no did:web as its issuer.`, 'Set issuer to your DID: did:web:HOST or did:web:HOST:PATH.');
};

/** Whose credential lies there already; null: nobody's. A notary's takes the place of our own word, and ours does not take its. */
const issuerThere = async (terminal: Terminal, file: string): Promise<string | null> => {
  if ((await stat(file).catch(() => null)) === null) return null;
  const read = readReceived((await readText(terminal, file)).trim());
  return 'part' in read || read.kind !== 'credential' ? null : read.payload.issuer;
};
