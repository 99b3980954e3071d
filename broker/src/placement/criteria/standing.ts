// What the request itself says about which clusters may be considered at all.
import type { Opinion, PlacementRequest } from '../placement.ts';
import { reaches } from '../snapshot.ts';
import type { Reach, SnapshotCluster } from '../snapshot.ts';
import type { Judge } from './fact.ts';

const told: Readonly<Record<Reach, string>> = { offered: 'only its offer is known', added: 'it was added but is not federated', federated: 'it is federated' };
const wanted: Readonly<Record<Reach, string>> = { offered: 'any offer', added: 'a cluster that was added', federated: 'a federated cluster' };

export function standingJudges(request: PlacementRequest): Judge[] {
  const { among, exclude, reach = 'federated' } = request;
  const judges = [reachJudge(reach, among ?? [])];
  if (among !== undefined) judges.push(namesJudge('among', `one of ${among.join(', ')}`, (name) => among.includes(name)));
  if (exclude.length > 0) judges.push(namesJudge('exclude', `none of ${exclude.join(', ')}`, (name) => !exclude.includes(name)));
  return judges;
}

function reachJudge(reach: Reach, named: readonly string[]): Judge {
  const ofProvider = (found: Reach): Opinion =>
    opinion('reach', reaches.indexOf(found) >= reaches.indexOf(reach), { asked: wanted[reach], found: told[found] });
  const ofProviders = { offered: ofProvider('offered'), added: ofProvider('added'), federated: ofProvider('federated') };
  return ({ role, name, reach: found }) =>
    role === 'home'
      ? opinion('reach', named.includes(name), { asked: 'a provider, or home where it is named', found: 'it is the home cluster' })
      : ofProviders[found];
}

const namesJudge =
  (criterion: string, asked: string, allows: (name: string) => boolean): Judge =>
  ({ name }: SnapshotCluster) =>
    opinion(criterion, allows(name), { asked, found: name });

const opinion = (criterion: string, isSatisfied: boolean, { asked, found }: { asked: string; found: string }): Opinion => ({
  criterion,
  verdict: isSatisfied ? 'satisfied' : 'excluded',
  asked,
  found,
  source: 'request',
});
