// One offer: what it says, whose word each of it is, how far that can be trusted, until when, and what became of it.
import type { CredentialJudged, OfferDetail } from '../../../contract/src/index.ts';
import { ask, useAnswer } from '../live.ts';
import { Asked } from '../offer/Asked.tsx';
import { Ends } from '../offer/Ends.tsx';
import { FactTable, Tally } from '../offer/FactTable.tsx';
import { Lapsed } from '../offer/Lapsed.tsx';
import { TrustPicture } from '../offer/TrustPicture.tsx';
import { Problem } from '../Problem.tsx';
import { Checks } from '../Proof.tsx';
import { hrefOf } from '../route.ts';
import type { Everything } from '../useKnown.ts';
import { issuerName, listed, offerName, plain, stateTone, typeName, zoned } from '../words.ts';

export const Offer = ({ known, name }: { readonly known: Everything; readonly name: string }) => {
  const { data, failure } = useAnswer(ask.offer(name, known.where, known.prefer));
  return (
    <div className="view">
      <p className="crumbs">
        <a href={hrefOf('/offers')}>Offers</a>
      </p>
      {data ? (
        <Found detail={data} known={known} />
      ) : (
        <>
          <h1>{name}</h1>
          {failure ? <Problem failure={failure} /> : <p className="muted">Judging the credentials behind it…</p>}
        </>
      )}
    </div>
  );
};

const Found = ({ detail: { offer, credentials, history }, known }: { readonly detail: OfferDetail; readonly known: Everything }) => {
  const { offering, cluster, matches } = offer;
  const proofs = new Map(credentials.map((credential) => [credential.digest, credential]));
  const sources = new Map(credentials.map(({ digest, issuer, types }) => [digest, `${issuerName(issuer ?? '')} (${typeName(types)})`]));
  const stated = new Set(offering.facts.map(({ credential }) => credential));
  const counted = credentials.filter(({ digest }) => stated.has(digest));
  const member = known.members.find(({ offer: own }) => own?.offering.id === offering.id);
  return (
    <>
      <h1>
        <bdi>{offerName(offer)}</bdi>{' '}
        <span className={`pill ${known.where.length === 0 ? '' : matches ? 'joined' : 'failed'}`}>
          {known.where.length === 0 ? (member?.state ?? 'offered') : matches ? 'matches' : 'does not match'}
        </span>
      </h1>
      <p className="muted">
        <bdi>{plain(offering.name)}</bdi> · offered by {issuerName(offering.provider)}
        {member !== undefined && (
          <>
            {' · '}
            <a href={hrefOf(`/members/${encodeURIComponent(member.id)}`)}>on the map</a>
          </>
        )}
      </p>
      <Rivals names={offering.alsoClaimedBy ?? []} />
      <h2>Held against what you ask</h2>
      <Asked offer={offer} isAsked={known.where.length + known.prefer.length > 0} sources={sources} />
      <Lapsed credentials={credentials.filter(({ digest }) => !stated.has(digest))} />
      <h2>What is expiring</h2>
      <Ends credentials={counted} />
      <h2>Facts and their proofs</h2>
      <FactTable facts={offering.facts} proofs={proofs} contradicted={offering.contradicted ?? []} />
      <h2>Chain of trust</h2>
      <TrustPicture credentials={credentials} />
      <h2>Credentials</h2>
      {credentials.map((credential) => (
        <Credential key={credential.digest} credential={credential} />
      ))}
      <h2>What became of them</h2>
      <Turns history={history} proofs={proofs} />
      <p className="muted">
        The same as a command: <code>hanse explain offer {commandName(cluster ?? plain(offering.name || offering.id))}</code>
      </p>
    </>
  );
};

const Rivals = ({ names }: { readonly names: readonly string[] }) =>
  names.length === 0 ? null : (
    <p className="amber">
      The same cluster is claimed by {listed(names.map(issuerName))} too. They claimed it later: what they say of it does not count, and is not shown here.
    </p>
  );

const commandName = (name: string): string => (/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", '')}'`);

const Credential = ({ credential }: { readonly credential: CredentialJudged }) => (
  <details className="credential" id={credential.digest.slice(0, 12)}>
    <summary>
      <b>{typeName(credential.types)}</b> of {issuerName(credential.issuer ?? 'nobody')} ·{' '}
      <span className={stateTone(credential.state)}>{credential.state}</span> · <Tally proof={credential} />
    </summary>
    <p className="muted">
      <code>{credential.digest}</code> from {credential.source}, received <time title={zoned(credential.receivedAt)}>{zoned(credential.receivedAt)}</time>
    </p>
    <Checks detail={credential} />
  </details>
);

const Turns = ({ history, proofs }: { readonly history: OfferDetail['history']; readonly proofs: ReadonlyMap<string, CredentialJudged> }) => {
  if (history.length === 0) return <p className="muted">Nothing: each is as it was when it first came.</p>;
  return (
    <ol className="journal" aria-label="What became of them">
      {history.map(({ digest, at, from, state, why }) => {
        const proof = proofs.get(digest);
        return (
          <li key={digest + at + state}>
            <time dateTime={at}>{zoned(at)}</time>{' '}
            {proof === undefined ? <code>{digest.slice(0, 12)}</code> : `${typeName(proof.types)} of ${issuerName(proof.issuer ?? '')}`}
            {': '}
            {from !== null && `${from} → `}
            <b className={stateTone(state)}>{state}</b>
            {why !== null && <span className="muted"> {why}</span>}
          </li>
        );
      })}
    </ol>
  );
};
