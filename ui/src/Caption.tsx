// What somebody who shows Hanse says meanwhile: above the map, which makes room, until it is closed or over.
import { useState } from 'react';
import { ask, useAnswer } from './live.ts';

export const CaptionNotice = () => {
  const { data: caption } = useAnswer(ask.caption);
  const [closed, setClosed] = useState('');
  if (!caption || closed === caption.title) return null;
  const { title, text, command, part, parts } = caption;
  return (
    <aside className="caption" aria-label="Caption" aria-live="polite">
      <h2>
        {title}{' '}
        <small className="part">
          {part} of {parts}
        </small>
      </h2>
      <p>{text}</p>
      {command !== null && (
        <p className="command">
          <code>$ {command}</code>
        </p>
      )}
      <button type="button" className="link" aria-label="Close the caption" onClick={() => setClosed(title)}>
        ×
      </button>
    </aside>
  );
};
