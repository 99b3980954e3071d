// Shows a participant the judgement of its own material: what others see of it, and what it can do about that.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { certificatesIn, policyOf, stateOf } from '../../../broker/src/catalogue/index.ts';
import type { Check, Offering, TrustedIssuer } from '../../../broker/src/catalogue/index.ts';
import { remedyFor } from '../../../broker/src/publishing/index.ts';
import { checkMaterial, type Checked } from '../../../broker/src/publishing/io/index.ts';
import { failWith } from '../failure.ts';
import type { Exit } from '../failure.ts';
import { readText } from '../files.ts';
import { clean, show } from '../output.ts';
import type { Format } from '../output.ts';
import { rulesOf, type ReachingOptions } from '../signing.ts';
import { styleFor } from '../style.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

export type CheckOptions = ReachingOptions & {
  readonly anchor?: readonly string[];
  readonly registry?: readonly string[];
  readonly trust?: readonly string[];
  readonly context?: readonly string[];
  readonly shapes?: readonly string[];
  readonly output: Format;
};

export const check = async (terminal: Terminal, target: string, options: CheckOptions): Promise<Exit> => {
  const anchors = (await Promise.all((options.anchor ?? []).map((file) => anchorsIn(terminal, file)))).flat();
  const contexts = await Promise.all((options.context ?? []).map((word) => contextIn(terminal, word)));
  const shapes = await Promise.all((options.shapes ?? []).map((file) => pinned(terminal, file)));
  const policy = policyOf({ anchors, contexts, shapes, registries: options.registry ?? [], issuers: trusted(options.trust ?? []) });
  const found = await checkMaterial(target, policy, await rulesOf(terminal, options));
  await show(terminal, options.output, reportOf(found), () => inWords(found, styleFor(terminal, terminal.isOutTty)));
  return found.result === 'good' ? 'done' : found.result === 'bad' ? 'refused' : 'unverified';
};

const anchorsIn = async (terminal: Terminal, file: string): Promise<readonly string[]> => {
  const certificates = certificatesIn(await readText(terminal, file));
  if ('reason' in certificates) throw failWith('usage', `${file}: ${certificates.reason}.`, 'Name a file of PEM certificates.');
  return certificates;
};

/** As the file stands now. */
const pinned = async (terminal: Terminal, file: string): Promise<{ readonly from: string; readonly sha256: string }> => ({
  from: resolve(file),
  sha256: createHash('sha256')
    .update(await readText(terminal, file))
    .digest('hex'),
});

const contextIn = async (terminal: Terminal, word: string) => {
  const [, url, file] = /^(https:\/\/[^=]+)=(.+)$/.exec(word) ?? [];
  if (url === undefined || file === undefined)
    throw failWith('usage', `--context ${clean(word.slice(0, 100))} names no file.`, 'Write ADDRESS=FILE, with the address as credentials name it.');
  return { url, ...(await pinned(terminal, file)) };
};

const roles: readonly TrustedIssuer['roles'][number][] = ['notary', 'labelIssuer', 'certificationBody'];

const trusted = (words: readonly string[]): readonly TrustedIssuer[] =>
  words.map((word) => {
    const [, role, id] = /^([A-Za-z]+)=(did:.+)$/.exec(word) ?? [];
    const known = roles.find((each) => each === role);
    if (known === undefined || id === undefined)
      throw failWith('usage', `--trust ${clean(word.slice(0, 100))} names nobody.`, `Write ROLE=DID; the roles are ${roles.join(', ')}.`);
    return { id, roles: [known], keys: [] };
  });

type Reported = Check & { readonly remedy: string | null };

/** For programs. */
const reportOf = ({ result, judgements, offerings, failures }: Checked) => ({
  result,
  credentials: judgements.map((judgement) => ({
    source: judgement.source,
    kind: judgement.kind,
    id: idOf(judgement),
    issuer: judgement.credential?.payload.issuer ?? null,
    state: stateOf(judgement),
    validUntil: judgement.validUntil,
    checks: judgement.checks.map((each): Reported => ({ ...each, remedy: remedyFor(each) })),
  })),
  offerings,
  failures,
});

const idOf = ({ credential }: Checked['judgements'][number]): string | null => credential?.payload.id ?? null;

const inWords = (found: Checked, style: Style): string => {
  const { judgements, offerings, failures, result } = found;
  const words = { good: style.green('Good'), bad: style.red('Not good'), unknown: style.yellow('Not everything could be found out') };
  const wrong = judgements.filter(({ checks }) => checks.some(({ blocks }) => blocks)).length;
  return [
    ...judgements.flatMap((judgement) => [...credentialLines(judgement, style), '']),
    ...failures.map(({ source, reason }) => `${style.yellow('not had')}  ${clean(source)}: ${clean(reason)}`),
    ...offerings.flatMap((offering) => offeringLines(offering, style)),
    `${words[result]}: ${judgements.length} looked at, ${judgements.length - wrong} can be relied on${offerings.length === 0 ? '' : `; a catalogue would offer ${offerings.map(({ name }) => clean(name)).join(', ')}`}.`,
    '',
  ].join('\n');
};

const credentialLines = (judgement: Checked['judgements'][number], style: Style): readonly string[] => {
  const marks = { passed: style.green('passed '), failed: style.red('failed '), unknown: style.yellow('unknown') };
  const width = Math.max(...judgement.checks.map(({ name }) => name.length));
  return [
    `${style.bold(clean(idOf(judgement) ?? judgement.kind))}   ${stateOf(judgement)}   ${clean(judgement.source)}`,
    ...judgement.checks.flatMap((each) => {
      const remedy = remedyFor(each);
      return [
        `  ${marks[each.result]}  ${each.name.padEnd(width)}  ${clean(each.reason)}${each.blocks || each.result === 'passed' ? '' : ' (does not block)'}`,
        ...(remedy === null ? [] : [`           ${' '.repeat(width)}  → ${remedy}`]),
      ];
    }),
  ];
};

const offeringLines = ({ name, cluster, facts }: Offering, style: Style): readonly string[] => [
  `${style.bold(`As an offer: ${clean(name)}`)}${cluster === null ? ' (no cluster that can be federated)' : `, cluster ${clean(cluster)}`}`,
  // two credentials may say the same
  ...new Set(facts.map((fact) => `  ${fact.name} = ${clean(String(fact.value))}${fact.unit === undefined ? '' : ` ${fact.unit}`}   ${fact.assurance}`)),
  '',
];
