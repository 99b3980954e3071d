// What stands round the map: who is not on it, what its lines mean, and how it is enlarged.
import type { Member } from '../members.ts';
import { hrefOf } from '../route.ts';
import type { Everything } from '../useKnown.ts';
import type { Moving } from './useView.ts';
import { still } from './view.ts';

const edgeMost = 3;

export const Edge = ({ outside, known }: { readonly outside: readonly Member[]; readonly known: Everything }) => {
  const { asked, total, where, prefer } = known;
  const isPart = total > asked;
  if (outside.length === 0 && !isPart) return null;
  return (
    <ul className="edge" aria-label="Not on this map">
      {isPart && (
        <li>
          The map shows the {where.length + prefer.length === 0 ? 'first' : 'best'} {asked.toLocaleString('en')} of {total.toLocaleString('en')} offers.
        </li>
      )}
      {outside.slice(0, edgeMost).map((member) => (
        <li key={member.id}>
          <a href={hrefOf(`/members/${encodeURIComponent(member.id)}`)}>{member.name}</a> <span>{member.outside}</span>
        </li>
      ))}
      {outside.length > edgeMost && (
        <li>
          <a href={hrefOf('/offers')}>{outside.length - edgeMost} more</a>
        </li>
      )}
    </ul>
  );
};

export const Legend = ({ hasLans, isMoving }: { readonly hasLans: boolean; readonly isMoving: boolean }) => {
  if (!hasLans && !isMoving) return null;
  return (
    <div className="legend" aria-hidden="true">
      {hasLans && (
        <>
          <i className="line live" /> layer 2, live <i className="line ordered" /> ordered
        </>
      )}
      {isMoving && (
        <>
          <i className="line moving" /> on its way
        </>
      )}
    </div>
  );
};

export const Zoom = ({ moving: { view, zoom, fit } }: { readonly moving: Moving }) => (
  <div className="zoom">
    <button type="button" aria-label="Enlarge the map" onClick={() => zoom(1.4)}>
      +
    </button>
    <button type="button" aria-label="Make the map smaller" onClick={() => zoom(1 / 1.4)}>
      −
    </button>
    {view !== still && (
      <button type="button" onClick={fit}>
        fit
      </button>
    )}
  </div>
);
