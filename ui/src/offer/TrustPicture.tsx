// The chain of trust, drawn: credential, issuer, key, certificates, anchor. In words beside it, for who cannot see it and where it has no room.
import type { CredentialJudged } from '../../../contract/src/index.ts';
import { boxHeight, boxWidth, columnWidth, linksOf, trustOf } from './trust.ts';
import type { Box, Mark, Way } from './trust.ts';

const signs: Readonly<Record<Mark, string>> = { passed: '✓', failed: '✗', unknown: '?' };
const words: Readonly<Record<Mark, string>> = { passed: 'holds', failed: 'does not hold', unknown: 'could not be found out' };

export const TrustPicture = ({ credentials }: { readonly credentials: readonly CredentialJudged[] }) => {
  const { columns, boxes, ways, height } = trustOf(credentials);
  const width = (columns.length - 1) * columnWidth + boxWidth + 2;
  return (
    <>
      <div className="scroll trust" tabIndex={0} role="region" aria-label="Chain of trust">
        <svg width={width} height={height} viewBox={`-1 0 ${width} ${height}`} aria-hidden="true">
          {columns.map((title, index) => (
            <text key={index} className="column" x={index * columnWidth} y="14">
              {title}
            </text>
          ))}
          {ways.map((way) => (
            <path key={`${way.from.id}→${way.to.id}`} className={`way ${way.mark}`} d={wayPath(way)} />
          ))}
          {boxes.map((box) => (
            <TrustBox key={box.id} box={box} />
          ))}
        </svg>
      </div>
      <ul className="trust-words" aria-label="Chain of trust, in words">
        {credentials.map((credential) => (
          <li key={credential.digest}>
            {linksOf(credential)
              .flat()
              .map(({ id, title, about, mark }, index) => (
                <span key={id}>
                  {index > 0 && ' ← '}
                  <b>{title}</b> {about} ({words[mark]})
                </span>
              ))}
          </li>
        ))}
      </ul>
    </>
  );
};

/** Titles of more characters are drawn narrower: the box does not grow. */
const narrowFrom = 17;
const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

const TrustBox = ({ box: { x, y, title, about, mark, whole } }: { readonly box: Box }) => (
  <g className={`link ${mark}`} transform={`translate(${x} ${y})`}>
    <title>{`${title}, ${words[mark]}. ${whole}`}</title>
    <rect width={boxWidth} height={boxHeight} rx="8" />
    <text className="sign" x="10" y="19">
      {signs[mark]}
    </text>
    <text className="title" x="26" y="19" {...(title.length > narrowFrom && { textLength: boxWidth - 34, lengthAdjust: 'spacingAndGlyphs' })}>
      {short(title, 20)}
    </text>
    <text className="about" x="10" y="36">
      {short(about, 23)}
    </text>
  </g>
);

const wayPath = ({ from, to }: Way): string => {
  const [x, y, endX, endY] = [from.x + boxWidth, from.y + boxHeight / 2, to.x, to.y + boxHeight / 2];
  // past columns that this chain has nothing in it goes straight on, and bends in front of its end
  const bendX = Math.max(x, endX - (columnWidth - boxWidth));
  const middle = (bendX + endX) / 2;
  return `M${x} ${y}H${bendX}C${middle} ${y} ${middle} ${endY} ${endX} ${endY}`;
};
