// The page: what do I ask for (top), where is everything (middle), what is this thing (right), what happens now (bottom).
import { useEffect } from 'react';
import { Criteria } from './Criteria.tsx';
import { CaptionNotice } from './Caption.tsx';
import { ConnectionNotice, SignedOut, TroubleNotice } from './Notices.tsx';
import { MapView } from './map/MapView.tsx';
import { MemberPanel } from './MemberPanel.tsx';
import { Nav } from './Nav.tsx';
import { Palette } from './Palette.tsx';
import { useConnection } from './live.ts';
import { go, hrefOf, usePlace } from './route.ts';
import { Alarms } from './Reactions.tsx';
import { Strip } from './Strip.tsx';
import { useKnown } from './useKnown.ts';
import type { Everything } from './useKnown.ts';
import { VerbPanel } from './verbs/VerbPanel.tsx';
import { PlanPanel } from './verbs/PlanPanel.tsx';
import { Applications } from './views/Applications.tsx';
import { Audit } from './views/Audit.tsx';
import { Offer } from './views/Offer.tsx';
import { Offers } from './views/Offers.tsx';
import { Operations } from './views/Operations.tsx';
import { Policies } from './views/Policies.tsx';
import { Provider } from './views/Provider.tsx';
import { titleOf } from './title.ts';

export const App = () => {
  const known = useKnown();
  const connection = useConnection();
  const { path, query } = usePlace();
  useLinks();
  const title = titleOf(known, path);
  useEffect(() => {
    document.title = title;
  }, [title]);
  if (connection.kind === 'signedOut') return <SignedOut isSpent={query.get('link') === 'spent'} />;
  const view = path[0] ?? 'map';
  const isMap = view === 'map' || view === 'members';
  return (
    <div className={`page ${isMap ? 'of-map' : 'of-view'}`}>
      <header className="top">
        <a className="brand" href={hrefOf('/')}>
          Hanse
        </a>
        <Criteria known={known} />
      </header>
      <Nav known={known} view={view} />
      <main id="main">
        <ConnectionNotice />
        <TroubleNotice known={known} />
        <CaptionNotice />
        <Alarms />
        {isMap ? <MapView known={known} selected={path[1] ?? selectedByDefault(known)} /> : <View name={view} rest={path.slice(1)} known={known} />}
      </main>
      <Strip known={known} above={view === 'operations' ? (path[1] ?? null) : null} />
      <Side known={known} isMap={isMap} member={path[1] ?? selectedByDefault(known)} />
      <Palette known={known} />
    </div>
  );
};

/** Who opens the page wants to see something: what moves, else who joined, else home. */
const selectedByDefault = ({ members }: Everything): string | null => (members.find(({ standing }) => standing === 'joined') ?? members[0])?.id ?? null;

const Side = ({ known, isMap, member }: { readonly known: Everything; readonly isMap: boolean; readonly member: string | null }) => {
  const { query } = usePlace();
  const [verb, plan] = [query.get('do'), query.get('plan')];
  if (plan !== null) return <PlanPanel key={plan} id={plan} />;
  if (verb !== null) return <VerbPanel key={verb} verb={verb} query={query} known={known} />;
  if (!isMap) return null;
  return <MemberPanel known={known} id={member} />;
};

type ViewProps = { readonly name: string; readonly rest: readonly string[]; readonly known: Everything };

const View = ({ name, rest, known }: ViewProps) => {
  const [one = null] = rest;
  switch (name) {
    case 'offers':
      return one === null ? <Offers known={known} /> : <Offer key={one} known={known} name={one} />;
    case 'applications':
      return <Applications known={known} name={one} />;
    case 'operations':
      return <Operations known={known} id={one} />;
    case 'policies':
      return <Policies name={one} />;
    case 'audit':
      return <Audit />;
    case 'provider':
      return <Provider known={known} />;
    default:
      return (
        <div className="view">
          <h1>There is no such view</h1>
          <p>
            <a href={hrefOf('/')}>Back to the map</a>
          </p>
        </div>
      );
  }
};

/** Links are links, so that they can be shared and opened elsewhere; inside the page they load nothing anew. */
const useLinks = (): void => {
  useEffect(() => {
    const follow = (event: MouseEvent): void => {
      if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
      const href = link?.getAttribute('href') ?? '';
      if (link === null || !href.startsWith('/') || href.startsWith('/v1') || href.startsWith('/docs') || link.hasAttribute('download')) return;
      event.preventDefault();
      go(href);
    };
    document.addEventListener('click', follow);
    return () => document.removeEventListener('click', follow);
  }, []);
};
