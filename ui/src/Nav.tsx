// The other views, each with its one number; below them the members.
import { useAnswer, ask } from './live.ts';
import { hrefOf } from './route.ts';
import type { Everything } from './useKnown.ts';
import { going } from './words.ts';

const membersMost = 14;

export const Nav = ({ known, view }: { readonly known: Everything; readonly view: string }) => {
  const verdict = useAnswer(ask.verdict);
  const policies = useAnswer(ask.policies);
  const running = known.operations.filter(({ state }) => going.includes(state)).length;
  const asking = known.operations.filter(({ state }) => state === 'asking').length;
  const joined = known.peerings.length;
  const members = known.members
    .filter(({ cluster, standing }) => cluster !== null && (standing !== 'offered' || known.members.length <= membersMost))
    .slice(0, membersMost);
  const entries: readonly (readonly [string, string, string, string])[] = [
    ['map', '/', 'Map', ''],
    ['offers', '/offers', 'Offers', known.isKnown.offers ? known.total.toLocaleString('en') : ''],
    ['applications', '/applications', 'Applications', known.isKnown.applications ? String(known.applications.length) : ''],
    ['operations', '/operations', 'Operations', asking > 0 ? `${asking} asking` : running > 0 ? `${running} running` : ''],
    ['policies', '/policies', 'Policies', policies.data === undefined || policies.data.length === 0 ? '' : String(policies.data.length)],
    ['audit', '/audit', 'Audit', verdict.data === undefined ? '' : verdict.data.valid ? '✓ chain' : '✗ broken'],
    ['provider', '/provider', 'Provider', joined === 0 ? '' : String(joined)],
  ];
  return (
    <nav className="nav" aria-label="Views">
      <ul>
        {entries.map(([name, path, title, number]) => (
          <li key={name}>
            <a href={hrefOf(path)} aria-current={view === name || (name === 'map' && view === 'members') ? 'page' : undefined}>
              <span>{title}</span> <small className={number === '✗ broken' ? 'red' : ''}>{number}</small>
            </a>
          </li>
        ))}
      </ul>
      {members.length > 0 && (
        <ul aria-label="Members">
          {members.map((member) => (
            <li key={member.id}>
              <a href={hrefOf(`/members/${encodeURIComponent(member.id)}`)}>
                <span>{member.name}</span> <small>{member.state}</small>
              </a>
            </li>
          ))}
        </ul>
      )}
    </nav>
  );
};
