// What somebody who shows Hanse says meanwhile: below, in large letters, until it is closed or over.
import { useState } from 'react';
import { ask, useAnswer } from './live.ts';

export const CaptionNotice = () => {
  const { data: caption } = useAnswer(ask.caption);
  const [closed, setClosed] = useState('');
  if (!caption || closed === caption.title) return null;
  const { title, text, command, part, parts } = caption;
  return (
    <aside className="caption" aria-label="Caption" aria-live="polite">
      <p className="part">
        {part} of {parts}
      </p>
      <h2>{title}</h2>
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
