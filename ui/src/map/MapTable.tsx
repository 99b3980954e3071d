// The map for who cannot see it: the same members, in words.
import { memo } from 'react';
import type { Member } from '../members.ts';
import { hrefOf } from '../route.ts';
import { counted } from '../words.ts';

/** As long as the same members are there it is not made again: there may be many. */
export const MapTable = memo(({ members }: { readonly members: readonly Member[] }) => (
  <table className="unseen">
    <caption>{counted(members.length, 'member')} of the map</caption>
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">State</th>
        <th scope="col">What it is</th>
        <th scope="col">In use</th>
        <th scope="col">Applications</th>
      </tr>
    </thead>
    <tbody>
      {members.map((member) => (
        <tr key={member.id}>
          <th scope="row">
            <a href={hrefOf(`/members/${encodeURIComponent(member.id)}`)} tabIndex={-1}>
              {member.name}
            </a>
          </th>
          <td>{member.state}</td>
          <td>{member.outside ?? member.about}</td>
          <td>{`${Math.round(member.used * 100)} %`}</td>
          <td>{member.applications.map(({ name }) => name).join(', ')}</td>
        </tr>
      ))}
    </tbody>
  </table>
));
