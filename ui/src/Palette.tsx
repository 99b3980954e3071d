// ⌘K: finds anything and runs any verb.
import { useEffect, useRef, useState } from 'react';
import type { Verb } from '../../contract/src/index.ts';
import { ask, useAnswer } from './live.ts';
import { go, hrefOf } from './route.ts';
import type { Everything } from './useKnown.ts';
import { anyVerb } from './verbs/anyVerb.ts';
import { verbs } from './verbs/verbs.ts';
import { stateWord } from './words.ts';

type Find = { readonly title: string; readonly about: string; readonly href: string };

const shownMost = 12;

export const Palette = ({ known }: { readonly known: Everything }) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  useEffect(() => {
    const open = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setText('');
      setAt(0);
      if (dialog.current?.open) dialog.current.close();
      else dialog.current?.showModal();
    };
    document.addEventListener('keydown', open);
    return () => document.removeEventListener('keydown', open);
  }, []);
  const described = useAnswer(ask.verbs).data;
  const found = findsIn(known, described ?? [], text);
  const take = (find: Find | undefined): void => {
    dialog.current?.close();
    if (find) go(find.href);
  };
  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Find anything, run any verb"
      onClick={({ target }) => target === dialog.current && dialog.current?.close()}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          take(found[at]);
        }}
      >
        <input
          role="combobox"
          aria-label="Find anything, run any verb"
          aria-expanded="true"
          aria-controls="palette-finds"
          aria-activedescendant={found[at] ? `find-${at}` : undefined}
          placeholder="federate, shop, main, operations…"
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step === undefined) return;
            event.preventDefault();
            setAt((now) => (now + step + found.length) % Math.max(1, found.length));
          }}
        />
      </form>
      <ul id="palette-finds" role="listbox" aria-label="Found">
        {found.map((find, index) => (
          <li
            key={find.href + find.title}
            id={`find-${index}`}
            role="option"
            aria-selected={index === at}
            onClick={() => take(find)}
            onPointerMove={() => setAt(index)}
          >
            {find.title} <small>{find.about}</small>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="muted">Nothing is called so.</p>}
    </dialog>
  );
};

const findsIn = ({ members, applications, operations, peerings }: Everything, described: readonly Verb[], text: string): Find[] => {
  const others = described.filter(({ name }) => !verbs.some((own) => own.name === name)).map(anyVerb);
  const all: Find[] = [
    ...[...verbs, ...others].map(({ name, title, about }) => ({ title: `${title}…`, about, href: hrefOf(null, { do: name }) })),
    ...peerings.flatMap(({ provider }) => [
      { title: `Leave ${provider}…`, about: 'plan', href: hrefOf(null, { do: 'leave', provider }) },
      { title: `Evacuate ${provider}…`, about: 'plan', href: hrefOf(null, { do: 'evacuate', provider }) },
    ]),
    ...applications.map(({ name, clusters }) => ({
      title: `Move ${name}…`,
      about: `from ${clusters.join(', ')}`,
      href: hrefOf(null, { do: 'migrate', application: name, from: clusters[0] ?? '' }),
    })),
    ...['offers', 'applications', 'operations', 'policies', 'audit', 'provider'].map((view) => ({
      title: view.charAt(0).toUpperCase() + view.slice(1),
      about: 'view',
      href: hrefOf(`/${view}`),
    })),
    { title: 'Map', about: 'view', href: hrefOf('/') },
    ...members.map(({ id, name, about }) => ({ title: name, about, href: hrefOf(`/members/${encodeURIComponent(id)}`) })),
    ...applications.map(({ name, state }) => ({ title: name, about: `application, ${state}`, href: hrefOf(`/applications/${name}`) })),
    ...operations.slice(0, 50).map((one) => ({ title: one.title, about: stateWord(one), href: hrefOf(`/operations/${one.id}`) })),
  ];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = ({ title }: Find): number => (title.toLowerCase().startsWith(words[0] ?? '') ? 0 : 1);
  return all
    .filter(({ title, about }) => words.every((word) => `${title} ${about}`.toLowerCase().includes(word)))
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, shownMost);
};
