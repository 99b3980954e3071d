// The chain of trust of an offer as a drawing: what is shared is drawn once. Pure: credentials in, boxes and ways out.
import type { CredentialJudged } from '../../../contract/src/index.ts';
import { issuerName, shortIssuerName, typeName } from '../words.ts';

export type Mark = 'passed' | 'failed' | 'unknown';
export type Box = {
  readonly id: string;
  readonly column: number;
  readonly x: number;
  readonly y: number;
  readonly title: string;
  readonly about: string;
  readonly mark: Mark;
  /** All of it, for who hovers. */
  readonly whole: string;
};
export type Way = { readonly from: Box; readonly to: Box; readonly mark: Mark };
export type Trust = { readonly columns: readonly string[]; readonly boxes: readonly Box[]; readonly ways: readonly Way[]; readonly height: number };

type Link = Omit<Box, 'x' | 'y' | 'column'>;

export const boxWidth = 158;
export const boxHeight = 46;
export const columnWidth = 180;
const rowHeight = 58;
const headHeight = 26;

const markOf = ({ checks }: CredentialJudged, ...names: readonly string[]): Mark => {
  const found = checks.filter(({ name }) => names.includes(name)).map(({ result }) => result);
  return found.includes('failed') ? 'failed' : found.includes('unknown') ? 'unknown' : 'passed';
};
const reasonOf = ({ checks }: CredentialJudged, name: string): string => checks.find((check) => check.name === name)?.reason ?? '';
const day = (at: string | null): string => (at === null ? 'no end' : `until ${at.slice(0, 10)}`);

const ownLink = ({ digest, types, state, validUntil, reason }: CredentialJudged): Link => ({
  id: digest,
  title: typeName(types),
  about: `${state} · ${validUntil === null ? 'no end' : validUntil.slice(0, 10)}`,
  mark: state === 'active' ? 'passed' : state === 'unverifiable' ? 'unknown' : 'failed',
  whole: `${types.join(', ')}, ${digest}: ${state}${reason === null ? '' : `, ${reason}`}`,
});

/** From the credential to where trust ends: each of its words stands on the next. */
export const linksOf = (credential: CredentialJudged): readonly (readonly Link[])[] => {
  const { provenance } = credential;
  const issuer = provenance?.issuer ?? credential.issuer ?? 'nobody';
  const who: Link = {
    id: issuer,
    title: shownIssuer(issuer),
    about: roleOf(credential),
    mark: markOf(credential, 'issuer', 'right'),
    whole: `${issuer}: ${reasonOf(credential, 'right')}`,
  };
  const key = provenance?.key ?? null;
  const keyId = key?.id?.split('#')[1] ?? key?.id ?? 'no key';
  const signed: Link = {
    id: `${issuer} ${key?.id ?? ''}`,
    title: key === null ? 'no key was found' : `${key.kind} · ${key.algorithm}`,
    about: key === null ? '' : `#${keyId}`,
    mark: markOf(credential, 'key', 'signature'),
    whole: `${reasonOf(credential, 'key')}; signature: ${reasonOf(credential, 'signature')}`,
  };
  return [[ownLink(credential)], [who], [signed], ...chainOf(credential, `${issuer} ${key?.id ?? ''}`)];
};

/** A bare address says nothing: what stands behind it does. */
const shownIssuer = (issuer: string): string => (/^[\d.]+(:|\/)/.test(issuerName(issuer)) ? shortIssuerName(issuer) : issuerName(issuer));

const roleOf = (credential: CredentialJudged): string => {
  const held = /^trusted as (.+)$/.exec(reasonOf(credential, 'right'))?.[1];
  return held?.replace('labelIssuer', 'label issuer').replace('certificationBody', 'certification body') ?? 'its own word';
};

/** Certificates below the anchor, then the anchor, or what stands in its place. */
const chainOf = (credential: CredentialJudged, keyId: string): readonly (readonly Link[])[] => {
  const { provenance } = credential;
  const mark = markOf(credential, 'chain');
  const why = reasonOf(credential, 'chain');
  const certificates = provenance?.certificates ?? [];
  const anchored = certificates.findIndex(({ isAnchor }) => isAnchor);
  const below = anchored === -1 ? certificates : certificates.slice(0, anchored);
  const made = below.map(({ subject, issuer, until }): Link => ({
    id: `${subject} ${issuer} ${until ?? ''}`,
    title: subject,
    about: day(until),
    mark,
    whole: `${subject}, issued by ${issuer}, ${day(until)}`,
  }));
  const anchor = certificates[anchored];
  const end: Link =
    anchor !== undefined
      ? {
          id: `anchor ${anchor.subject} ${anchor.until ?? ''}`,
          title: anchor.subject,
          about: `anchor · ${anchor.until === null ? 'no end' : anchor.until.slice(0, 10)}`,
          mark,
          whole: why,
        }
      : provenance !== null && provenance.document === null
        ? { id: 'configured', title: 'your configuration', about: 'names this key', mark: markOf(credential, 'key'), whole: reasonOf(credential, 'key') }
        : mark === 'passed'
          ? { id: 'registry', title: 'a registry', about: 'answers for the chain', mark, whole: why }
          : { id: `nobody ${keyId}`, title: 'no anchor', about: mark === 'failed' ? 'the chain does not hold' : 'nobody answers for it', mark, whole: why };
  return [made, [end]];
};

const titles = ['Credential', 'Issuer', 'Key', 'Certificates', 'Anchor'];

/** Sorted by where they end, so that what is shared lies together and no way crosses another. */
export const trustOf = (credentials: readonly CredentialJudged[]): Trust => {
  const rows = credentials
    .map(linksOf)
    .toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
    .map((columns) => columns.map((links) => links.slice(0, 4)));
  const deepest = Math.max(0, ...rows.map((columns) => columns[3]?.length ?? 0));
  const columns =
    deepest === 0
      ? titles.filter((title) => title !== 'Certificates')
      : titles.flatMap((title) => (title === 'Certificates' ? certificateTitles(deepest) : [title]));
  const anchorAt = columns.length - 1;
  const rowsOf = new Map<string, { readonly link: Link; readonly column: number; readonly rows: number[] }>();
  const pairs = new Map<string, readonly [string, string, Mark]>();
  for (const [row, [own = [], who = [], key = [], certificates = [], end = []]] of rows.entries()) {
    const placed = [...own, ...who, ...key, ...certificates].map((link, column) => ({ link, column }));
    const all = [...placed, ...end.map((link) => ({ link, column: anchorAt }))];
    for (const [index, { link, column }] of all.entries()) {
      const id = `${column} ${link.id}`;
      const known = rowsOf.get(id);
      if (known) known.rows.push(row);
      else rowsOf.set(id, { link, column, rows: [row] });
      const before = all[index - 1];
      if (before) pairs.set(`${before.column} ${before.link.id}→${id}`, [`${before.column} ${before.link.id}`, id, link.mark]);
    }
  }
  const boxes = new Map(
    [...rowsOf].map(([id, { link, column, rows: at }]) => [
      id,
      { ...link, id, column, x: column * columnWidth, y: headHeight + (at.reduce((sum, row) => sum + row, 0) / at.length) * rowHeight } satisfies Box,
    ]),
  );
  const ways = [...pairs.values()].flatMap(([from, to, mark]) => {
    const [start, end] = [boxes.get(from), boxes.get(to)];
    return start && end ? [{ from: start, to: end, mark }] : [];
  });
  return { columns, boxes: [...boxes.values()], ways, height: headHeight + rows.length * rowHeight };
};

const certificateTitles = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => (index === 0 ? 'Certificate' : 'issued by'));
const orderOf = (columns: readonly (readonly Link[])[]): string =>
  columns
    .toReversed()
    .map((links) =>
      links
        .toReversed()
        .map(({ id }) => id)
        .join('←'),
    )
    .join('←');
