// One offer as its page shows it: held against the criteria, every fact with its proof, the chain of trust, what ends, and what became of it.
import { routes } from '../../../contract/src/routes.ts';
import type { CredentialJudged, OfferDetail } from '../../../contract/src/offer.ts';
import { connect } from '../client.ts';
import type { Exit } from '../failure.ts';
import { clean, show, tableOf } from '../output.ts';
import type { Format } from '../output.ts';
import { styleFor } from '../style.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { offerText } from './offers.ts';

type Options = { readonly output: Format; readonly where?: string[]; readonly prefer?: string[] };

const soonDays = 30;
const dayMs = 86_400_000;
/** Enough to tell them apart, as commits are shown. */
const digestShown = 12;

export const explainOffer = async (terminal: Terminal, name: string, { output, where, prefer }: Options): Promise<Exit> => {
  const query = { ...(where && { where }), ...(prefer && { prefer }) };
  const found = await (await connect(terminal)).call(routes.getOffer, { params: { name }, query });
  await show(terminal, output, found, () => inWords(found, styleFor(terminal, terminal.isOutTty), Date.now()));
  return where !== undefined && !found.offer.matches ? 'refused' : 'done';
};

const inWords = ({ offer, credentials, history }: OfferDetail, style: Style, nowMs: number): string => {
  const of = new Map(credentials.map((credential) => [credential.digest, credential]));
  const stated = new Set(offer.offering.facts.map(({ credential }) => credential));
  const counted = credentials.filter(({ digest }) => stated.has(digest));
  const lapsed = credentials.filter(({ digest }) => !stated.has(digest));
  const facts = tableOf(
    offer.offering.facts,
    [
      ['FACT', ({ name }) => name],
      ['VALUE', ({ value, unit }) => `${String(value)}${unit === undefined ? '' : ` ${unit}`}`],
      ['ASSURANCE', ({ assurance }) => assurance],
      ['ISSUER', ({ issuer, measurement }) => (measurement ? 'this Hanse' : issuer)],
      ['CREDENTIAL', ({ credential, measurement }) => (measurement ? '-' : credential.slice(0, digestShown))],
      // what is measured ends within the hour
      ['VALID UNTIL', ({ validUntil, measurement }) => validUntil?.slice(0, measurement ? 16 : 10) ?? null],
      [
        'PROOF',
        ({ credential, measurement }) => (measurement ? `${measurement.probes} probes since ${measurement.since.slice(0, 16)}Z` : tally(of.get(credential))),
      ],
    ],
    'It states no fact.',
  );
  const turns = history.map(
    ({ digest, at, from, state, why }) =>
      `  ${at}  ${digest.slice(0, digestShown)}  ${from === null ? '' : `${from} → `}${state}${why === null ? '' : `: ${clean(why)}`}\n`,
  );
  return [
    `${offerText(offer, style)}\n`,
    `${style.bold('Facts and their proofs')}\n${facts}\n`,
    `${style.bold('Chain of trust')}\n${credentials.map((each) => chainText(each, style)).join('')}\n`,
    lapsed.length === 0 ? '' : `${style.bold('What no longer counts')}\n${lapsed.map((each) => lapsedText(each, style)).join('')}\n`,
    `${style.bold('What is expiring')}\n${endsText(counted, nowMs, style)}\n`,
    `${style.bold('What became of them')}\n${turns.length === 0 ? '  Nothing: each is as it was when it first came.\n' : turns.join('')}`,
    `\nEvery check of one: hanse credential show DIGEST\n`,
  ].join('');
};

const tally = (credential: CredentialJudged | undefined): string => {
  if (credential === undefined) return '-';
  return (['passed', 'failed', 'unknown'] as const)
    .flatMap((result) => {
      const count = credential.checks.filter((check) => check.result === result).length;
      return count === 0 ? [] : [`${count} ${result}`];
    })
    .join(', ');
};

const signs = (style: Style) => ({ passed: style.green('✓'), failed: style.red('✗'), unknown: style.yellow('?') });

/** credential ← issuer ← key ← certificates, each with how its check ended. */
const chainText = (credential: CredentialJudged, style: Style): string => {
  const { digest, types, issuer, state, provenance, checks } = credential;
  const mark = (name: string): string => signs(style)[checks.find((check) => check.name === name)?.result ?? 'unknown'];
  const reason = (name: string): string => clean(checks.find((check) => check.name === name)?.reason ?? '');
  const kinds = types.filter((type) => type !== 'VerifiableCredential').join(', ');
  const key = provenance?.key ?? null;
  const certificates = (provenance?.certificates ?? []).map(
    ({ subject, until, isAnchor }) => `${clean(subject)} (${isAnchor ? 'anchor, ' : ''}until ${until?.slice(0, 10) ?? 'unknown'})`,
  );
  return [
    `  ${digest.slice(0, digestShown)}  ${clean(kinds)}: ${state}\n`,
    `    ${mark('issuer')} issuer       ${clean(issuer ?? '-')}; ${reason('right')}\n`,
    `    ${mark('key')} key          ${key === null ? reason('key') : `${key.kind}, ${key.algorithm}, ${clean(key.id ?? '')}`}\n`,
    `    ${mark('signature')} signature    ${reason('signature')}\n`,
    `    ${mark('chain')} certificate  ${certificates.length === 0 ? reason('chain') : certificates.join(' ← ')}\n`,
  ].join('');
};

const lapsedText = ({ digest, types, issuer, state, reason }: CredentialJudged, style: Style): string => {
  const kinds = types.filter((type) => type !== 'VerifiableCredential').join(', ');
  return `  ${digest.slice(0, digestShown)}  ${style.red(state)}  ${clean(kinds)} of ${clean(issuer ?? '-')}${reason === null ? '' : `: ${clean(reason)}`}\n`;
};

const endsText = (credentials: readonly CredentialJudged[], nowMs: number, style: Style): string => {
  const ends = credentials.flatMap(({ digest, validUntil, provenance }) => [
    ...(validUntil === null ? [] : [{ what: `credential ${digest.slice(0, digestShown)}`, until: validUntil }]),
    ...(provenance?.certificates ?? []).flatMap(({ subject, until }) => (until === null ? [] : [{ what: `certificate of ${clean(subject)}`, until }])),
  ]);
  const lines = [...new Set(ends.toSorted((a, b) => (a.until < b.until ? -1 : 1)).map(({ what, until }) => `${until.slice(0, 10)}  ${what}`))];
  const [first] = lines;
  if (first === undefined) return '  Nothing that it rests on names an end.\n';
  const limit = new Date(nowMs + soonDays * dayMs).toISOString().slice(0, 10);
  const soon = lines.filter((line) => line.slice(0, 10) <= limit);
  if (soon.length === 0) return `  Nothing within ${soonDays} days; the first to end: ${first}\n`;
  return soon.map((line) => `  ${style.yellow(line)}\n`).join('');
};
