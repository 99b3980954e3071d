// What is this thing, who says so, and how do I get out of it?
import { Facts } from './Facts.tsx';
import { useLans } from './map/lans.tsx';
import { movesOf } from './map/moves.ts';
import { ownFacts } from './ownFacts.ts';
import { ask, useAnswer } from './live.ts';
import { factOf } from './members.ts';
import type { Member } from './members.ts';
import { hrefOf } from './route.ts';
import type { Everything } from './useKnown.ts';
import { againstText, clock, factName, listed, matchingChange, plain, platformName } from './words.ts';

export const MemberPanel = ({ known, id }: { readonly known: Everything; readonly id: string | null }) => {
  const member = known.members.find((one) => one.id === id);
  return (
    <aside className="side" aria-label={member ? `About ${member.name}` : 'About the selected member'}>
      {member ? <About member={member} known={known} /> : <Nobody known={known} id={id} />}
    </aside>
  );
};

const Nobody = ({ known, id }: { readonly known: Everything; readonly id: string | null }) => {
  if (known.untold.some(({ what }) => !known.isKnown[what])) return <p className="muted">Who is there is not known now.</p>;
  if (!known.isLoaded) return <p className="muted">Reading who is there…</p>;
  if (id !== null) return <p>There is no member {id}. It may have been removed.</p>;
  return (
    <>
      <h2>Nobody is here yet</h2>
      <p>Add your own cluster first, then those of providers:</p>
      <pre>
        <code>{'hanse cluster add home \\\n  --kubeconfig FILE --side consumer'}</code>
      </pre>
      <p>Offers come from signed credentials; the configuration says where they lie (credentials.sources).</p>
    </>
  );
};

const pillOf = ({ standing, state, picture }: Member): string => {
  if (standing === 'joined') return picture === null || picture.health === 'connected' ? 'joined · healthy' : `joined · ${picture.health}`;
  return state;
};

const About = ({ member, known }: { readonly member: Member; readonly known: Everything }) => {
  const { offer, cluster } = member;
  const lans = useLans();
  const city = factOf(offer, 'city')?.value;
  const contradicted = offer?.offering.contradicted ?? [];
  const subtitle = [offer?.offering.name, city, cluster === null ? null : platformName(cluster)].filter(
    (part) => part !== undefined && part !== null && part !== '',
  );
  return (
    <>
      <h2>
        {member.name} <span className={`pill ${member.standing}`}>{pillOf(member)}</span>
      </h2>
      <p className="muted">{plain([...new Set(subtitle)].join(' · '))}</p>
      {contradicted.length > 0 && <p className="amber">! Its offer contradicts itself: {listed(contradicted.map(factName))}.</p>}
      <Verbs member={member} />
      {member.picture !== null && member.picture.health !== 'connected' && (
        <p className="red">
          {member.picture.detail} <small>({clock(member.picture.at)})</small>
        </p>
      )}
      {offer !== null && !offer.matches && <WhyNot member={member} />}
      {offer !== null && (
        <p className="muted">
          <a href={hrefOf(`/offers/${encodeURIComponent(offer.cluster ?? offer.offering.id)}`)}>Every proof of its offer</a>
        </p>
      )}
      <Facts facts={offer?.offering.facts ?? []} own={ownFacts(member, lans)} />
      <WhyChosen member={member} known={known} />
      <WayOut member={member} known={known} />
    </>
  );
};

const Verbs = ({ member: { name, standing, cluster, applications } }: { readonly member: Member }) => {
  if (standing === 'home')
    return (
      <p className="buttons">
        <a className="button" href={hrefOf(null, { do: 'deploy' })}>
          Deploy…
        </a>
      </p>
    );
  if (standing === 'joined')
    return (
      <p className="buttons">
        <a className="button" href={hrefOf(null, { do: 'deploy', clusters: name })}>
          Deploy here…
        </a>
        {applications.length > 0 && (
          <a className="button" href={hrefOf(null, { do: 'evacuate', provider: name })}>
            Evacuate…
          </a>
        )}
        <a className="button" href={hrefOf(null, { do: 'leave', provider: name })}>
          Leave…
        </a>
      </p>
    );
  if (cluster !== null && standing === 'offered')
    return (
      <p className="buttons">
        <a className="button" href={hrefOf(null, { do: 'federate', provider: name })}>
          Federate…
        </a>
      </p>
    );
  if (cluster === null)
    return (
      <p className="muted">
        Offered, not added. With an account from the provider: <code>hanse cluster add NAME --kubeconfig FILE --side provider</code>
      </p>
    );
  return null;
};

const WhyNot = ({ member: { offer } }: { readonly member: Member }) => (
  <section>
    <h3>Why it does not match</h3>
    <ul className="facts">
      {offer?.opinions
        .filter(({ verdict }) => verdict === 'excluded')
        .map((opinion) => (
          <li key={opinion.criterion + opinion.asked}>
            <span className="whole">{againstText(opinion)}</span>
          </li>
        ))}
    </ul>
    {offer?.relaxation && <p className="muted">It would match {matchingChange(offer.relaxation)}.</p>}
  </section>
);

/** For what moves here now, else for the first that runs here; the others are one click away. */
const WhyChosen = ({ member, known }: { readonly member: Member; readonly known: Everything }) => {
  const moving = movesOf(known.operations, known.applications).find(({ to }) => to === member.name)?.application;
  const first = member.applications[0]?.name;
  const ofMoving = useAnswer(moving === undefined ? null : ask.explanation(moving)).data;
  const ofFirst = useAnswer(first === undefined ? null : ask.explanation(first)).data;
  const found = [ofMoving, ofFirst].flatMap((one) => {
    const candidate = one?.placement.candidates.find(({ cluster }) => cluster === member.name);
    return one && candidate ? [{ application: one.application, candidate }] : [];
  })[0];
  if (!found) return null;
  const { application, candidate } = found;
  const others = member.applications.map(({ name }) => name).filter((name) => name !== application);
  return (
    <section>
      <h3>
        Why it was chosen for <a href={hrefOf(`/applications/${application}`)}>{application}</a>
      </h3>
      <ul className="facts">
        {candidate.opinions.map(({ criterion, asked, found, score }) => (
          <li key={criterion + asked}>
            <span className="fact-name">{factName(criterion)}</span>
            <span className="wide">
              {asked === '' ? found : `asked ${asked}, ${found}`}
              {score !== undefined && <small className="muted"> · scores {Math.round(score * 100) / 100}</small>}
            </span>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <p className="muted">
          Why for{' '}
          {others.slice(0, 6).map((name, index) => (
            <span key={name}>
              {index > 0 && ', '}
              <a href={hrefOf(`/applications/${name}`)}>{name}</a>
            </span>
          ))}
        </p>
      )}
    </section>
  );
};

const WayOut = ({ member: { standing, name, applications }, known }: { readonly member: Member; readonly known: Everything }) => {
  if (standing !== 'joined') return null;
  const others = known.peerings.length - 1;
  return (
    <section>
      <h3>Way out</h3>
      <ul className="facts">
        <li>
          <span className="fact-name">leave</span>
          <span className="wide">
            {applications.length === 0
              ? 'nothing of yours runs there'
              : `${applications.map(({ name: app }) => app).join(', ')} would move first${others > 0 ? '' : ', and there is nowhere else yet'}`}
            {' · '}
            <a href={hrefOf(null, { do: 'leave', provider: name, ...(applications.length > 0 && { evacuate: 'true' }) })}>show the plan</a>
          </span>
        </li>
      </ul>
    </section>
  );
};
