// Asks a clearing house: the notary for the registration number, the compliance service for a label. What they give is kept beside what it is for.
import { basename, dirname } from 'node:path';
import { baseOf, complianceQuestion, notaryQuestion, presentationFile, presentationOf, typesOf } from '../../../broker/src/publishing/index.ts';
import type { Level, RegistrationKind } from '../../../broker/src/publishing/index.ts';
import { askClearingHouse, issue, writeFolder } from '../../../broker/src/publishing/io/index.ts';
import { failWith } from '../failure.ts';
import type { Exit } from '../failure.ts';
import { offline } from '../offline.ts';
import { clean } from '../output.ts';
import { rulesOf, signerOf, type ReachingOptions, type SigningOptions } from '../signing.ts';
import type { Terminal } from '../terminal.ts';
import { signedIn, type SignedFile } from '../tokens.ts';
import { ownerOf } from './publish.ts';

export type SubmitOptions = SigningOptions & ReachingOptions & { readonly notary?: string; readonly compliance?: string; readonly level: Level };

export const submit = async (terminal: Terminal, dir: string, options: SubmitOptions): Promise<Exit> => {
  const { notary, compliance, level } = options;
  if (notary === undefined && compliance === undefined)
    throw failWith('usage', 'Nobody is named who is to be asked.', 'Give --notary URL, --compliance URL, or both.');
  const signed = await signedIn(terminal, [dir]);
  const signer = await signerOf(terminal, options);
  const did = ownerOf(signed, signer);
  const rules = await rulesOf(terminal, options);
  const confirmed = notary === undefined ? null : await notarised(notary, signed, rules);
  if (confirmed !== null) {
    await writeFolder(dirname(confirmed.file), { [basename(confirmed.file)]: `${confirmed.token}\n` });
    terminal.out(`The notary ${clean(confirmed.credential.payload.issuer)} confirms the registration number: ${confirmed.file}\n`);
  }
  if (compliance === undefined) return 'done';
  // an earlier label is not what it is asked about
  const shown = signed
    .map((each) => (each.file === confirmed?.file ? confirmed : each))
    .filter(({ credential }) => !typesOf(credential).includes('gx:LabelCredential'));
  const base = baseOf(did) ?? '';
  const document = presentationOf(
    did,
    base + presentationFile,
    shown.map(({ token }) => token),
  );
  const { token } = await offline(() => issue(signer, 'presentation', did, document));
  const name = `label-${level.toLowerCase()}.jwt`;
  const answer = await askClearingHouse(complianceQuestion(compliance, level, `${base}credentials/${name}`, token), rules);
  if ('refusal' in answer)
    throw failWith(
      'refused',
      `The compliance service gives no ${level}: ${clean(answer.refusal)}`,
      'Mend what it names; it can only see what is published: hanse check DID.',
    );
  await writeFolder(dir, { [name]: `${answer.token}\n` });
  terminal.out(
    `${clean(answer.credential.payload.issuer)} gives ${level} over ${shown.length} credentials: ${dir}/${name}\nPublish again, so that others find it: hanse publish ${dir}\n`,
  );
  return 'done';
};

const numbers: readonly (readonly [type: string, kind: RegistrationKind, property: string])[] = [
  ['gx:VatID', 'vat-id', 'gx:vatID'],
  ['gx:LeiCode', 'lei-code', 'schema:leiCode'],
  ['gx:EORI', 'eori', 'gx:eori'],
  ['gx:TaxID', 'tax-id', 'schema:taxID'],
  ['gx:CountryCompanyNumber', 'country-company-number', 'gx:countryCompanyNumber'],
];

const notarised = async (notary: string, signed: readonly SignedFile[], rules: Awaited<ReturnType<typeof rulesOf>>): Promise<SignedFile> => {
  const found = signed.flatMap((each) =>
    each.credential.payload.credentialSubject.flatMap((subject) =>
      numbers.flatMap(([type, kind, property]) => {
        const number = subject[property];
        const subjectId = subject.id ?? subject['@id'];
        return [subject['type']].flat().includes(type) && typeof number === 'string' && subjectId !== undefined ? [{ each, kind, number, subjectId }] : [];
      }),
    ),
  );
  const [first] = found;
  if (first === undefined)
    throw failWith(
      'usage',
      'No credential has a registration number that a notary confirms.',
      `Describe it as one of ${numbers.map(([, kind]) => kind).join(', ')}.`,
    );
  const { each, kind, number, subjectId } = first;
  const vcId = each.credential.payload.id ?? '';
  const answer = await askClearingHouse(notaryQuestion(notary, { kind, number, vcId, subjectId }), rules);
  if ('refusal' in answer)
    throw failWith(
      'refused',
      `The notary does not confirm the registration number: ${clean(answer.refusal)}`,
      'Check the number, and that it is entered where the notary looks.',
    );
  const isAboutIt = answer.credential.payload.credentialSubject.some((subject) => (subject.id ?? subject['@id']) === subjectId);
  if (!isAboutIt) throw failWith('refused', 'What the notary gave is about something else.', 'Ask another notary.');
  return { file: each.file, ...answer };
};
