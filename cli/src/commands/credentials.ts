// Credentials: what each is worth, and why.
import { routes } from '../../../contract/src/routes.ts';
import type { Credential, CredentialDetail, CredentialPage, CredentialsQuery } from '../../../contract/src/credential.ts';
import { connect } from '../client.ts';
import type { Exit } from '../failure.ts';
import { clean, show, tableOf } from '../output.ts';
import type { Format } from '../output.ts';
import { styleFor } from '../style.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

type Options = { readonly output: Format };

type ListOptions = Options & {
  readonly state?: readonly NonNullable<CredentialsQuery['state']>[number][];
  readonly type?: string;
  readonly issuer?: string;
  readonly source?: string;
  readonly limit?: number;
};

/** Enough to tell them apart, as commits are shown. */
const digestShown = 12;

/** Asked for at once: a broker may know hundreds of thousands. */
const pageMax = 500;

export const listCredentials = async (terminal: Terminal, options: ListOptions): Promise<Exit> => {
  const { state, type, issuer, source } = options;
  const limit = Math.max(1, Math.trunc(options.limit ?? Number.MAX_SAFE_INTEGER));
  const narrowed = { ...(state && { state: [...state] }), ...(type && { type }), ...(issuer && { issuer }), ...(source && { source }) };
  const broker = await connect(terminal);
  const items: Credential[] = [];
  let next: string | null = null;
  do {
    const query = { ...narrowed, ...(next !== null && { after: next }), limit: Math.min(pageMax, limit - items.length) };
    const page: CredentialPage = await broker.call(routes.listCredentials, { query });
    items.push(...page.items);
    next = page.next;
  } while (next !== null && items.length < limit);
  if (next !== null) terminal.err(`These are the first ${items.length}, and there are more: --limit, or --state, --type, --issuer, --source.\n`);
  await show(terminal, options.output, items, () =>
    tableOf(
      items,
      [
        ['DIGEST', ({ digest }) => digest.slice(0, digestShown)],
        ['STATE', ({ state }) => state],
        ['TYPES', ({ types }) => types.filter((type) => type !== 'VerifiableCredential').join(',') || types.join(',')],
        ['ISSUER', ({ issuer }) => issuer],
        ['UNTIL', ({ validUntil }) => validUntil?.slice(0, 10) ?? null],
        ['WHY', ({ reason }) => reason],
      ],
      Object.keys(narrowed).length > 0
        ? 'No credential is like that: hanse credential list without options shows all.'
        : 'No credentials: credentials.sources in the configuration names folders and https addresses.',
    ),
  );
  return 'done';
};

export const showCredential = async (terminal: Terminal, digest: string, options: Options & { readonly replay?: boolean | string }): Promise<Exit> => {
  const replay = options.replay === undefined || options.replay === false ? undefined : options.replay === true ? ('true' as const) : options.replay;
  const found = await (await connect(terminal)).call(routes.getCredential, { params: { digest }, ...(replay !== undefined && { query: { replay } }) });
  await show(terminal, options.output, found, () => inWords(found, replay !== undefined, styleFor(terminal, terminal.isOutTty)));
  return 'done';
};

function inWords(given: CredentialDetail, isReplay: boolean, style: Style): string {
  const found = cleaned(given);
  const marks = { passed: style.green('passed '), failed: style.red('failed '), unknown: style.yellow('unknown') };
  const nameWidth = Math.max(...found.checks.map(({ name }) => name.length));
  const lines = [
    `${style.bold(found.id ?? found.digest)}`,
    `  ${found.kind}   ${found.types.join(', ')}`,
    `  issuer   ${found.issuer ?? '-'}`,
    `  source   ${found.source}, received ${found.receivedAt}`,
    ...(found.givenBy.length > 1 ? found.givenBy : []).map(
      ({ source, id, since, isNow }) => `  given by ${clean([source, id].filter(Boolean).join(' '))} since ${since}${isNow ? '' : ', no longer'}`,
    ),
    `  digest   ${found.digest}`,
    `  state    ${found.state}${found.validUntil === null ? '' : `, until ${found.validUntil}`}${found.reason === null ? '' : `: ${found.reason}`}`,
    '',
    isReplay ? `Judged again as at ${found.judgedAt}, on what was kept of then:` : `Judged ${found.judgedAt}:`,
    ...found.checks.map(
      ({ name, result, reason, blocks }) =>
        `  ${marks[result]}  ${name.padEnd(nameWidth)}  ${reason}${blocks || result === 'passed' ? '' : ' (does not block)'}`,
    ),
    '',
    found.evidence.length === 0 ? 'Nothing had to be fetched for it.' : 'Fetched for it:',
    ...found.evidence.map((each) =>
      'failure' in each ? `  ${each.address}   ${each.failure}` : `  ${each.address}   ${each.fetchedAt}   ${each.digest.slice(0, digestShown)}`,
    ),
    ...(found.changes.length === 0 ? [] : ['', `What it rests on changed ${found.changes.slice(0, 5).join(', ')}: --replay TIME judges it as at then.`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** What strangers wrote, before our own colours come to it. */
const cleaned = (found: CredentialDetail): CredentialDetail => ({
  ...found,
  id: found.id === null ? null : clean(found.id),
  issuer: found.issuer === null ? null : clean(found.issuer),
  reason: found.reason === null ? null : clean(found.reason),
  types: found.types.map(clean),
  checks: found.checks.map((check) => ({ ...check, reason: clean(check.reason) })),
  evidence: found.evidence.map((each) => ({ ...each, address: clean(each.address), ...('failure' in each && { failure: clean(each.failure) }) })),
});
