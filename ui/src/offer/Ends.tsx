// What an offer rests on and when that ends: in amber before it happens.
import type { CredentialJudged } from '../../../contract/src/index.ts';
import { useNow } from '../useNow.ts';
import { expiry, issuerName, typeName, zoned } from '../words.ts';

type End = { readonly what: string; readonly until: string; readonly digest: string };

export const endsOf = (credentials: readonly CredentialJudged[]): readonly End[] => {
  const own = credentials.flatMap(({ digest, types, issuer, validUntil }) =>
    validUntil === null ? [] : [{ what: `${typeName(types)} of ${issuerName(issuer ?? 'nobody')}`, until: validUntil, digest }],
  );
  const certificates = credentials.flatMap(({ digest, provenance }) =>
    (provenance?.certificates ?? []).flatMap(({ subject, until }) => (until === null ? [] : [{ what: `certificate of ${subject}`, until, digest }])),
  );
  const once = new Map([...own, ...certificates].map((end) => [`${end.what} ${end.until}`, end]));
  return [...once.values()].toSorted((a, b) => (a.until < b.until ? -1 : 1));
};

export const Ends = ({ credentials }: { readonly credentials: readonly CredentialJudged[] }) => {
  const now = useNow(60_000);
  const ends = endsOf(credentials);
  const soon = ends.flatMap((end) => {
    const word = expiry(end.until, now);
    return word === null ? [] : [{ ...end, word }];
  });
  const [first] = ends;
  if (first === undefined) return <p className="muted">Nothing that it rests on names an end.</p>;
  if (soon.length === 0)
    return (
      <p className="muted">
        Nothing that it rests on ends within 30 days. The first to end: {first.what}, <time dateTime={first.until}>{zoned(first.until)}</time>.
      </p>
    );
  return (
    <ul className="ends" aria-label="What is expiring">
      {soon.map(({ what, until, word }) => (
        <li key={what + until}>
          <b className={word === 'expired' ? 'red' : 'amber'}>{word}</b> {what} <small className="muted">{zoned(until)}</small>
        </li>
      ))}
    </ul>
  );
};
