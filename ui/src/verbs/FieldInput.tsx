// One question of a form.
import { useId } from 'react';
import type { Field, Values } from './verbs.ts';

type Value = Values[string];
type Props = { readonly field: Field; readonly value: Value | undefined; set(value: Value): void };

export const FieldInput = ({ field, value, set }: Props) => {
  const id = useId();
  switch (field.kind) {
    case 'long':
      return <Manifests id={id} title={field.title} isRequired={field.isRequired ?? false} value={typeof value === 'string' ? value : ''} set={set} />;
    case 'text':
    case 'secret':
      return (
        <p className="field">
          <label htmlFor={id}>{field.title}</label>
          <input
            id={id}
            type={field.kind === 'secret' ? 'password' : 'text'}
            value={typeof value === 'string' ? value : ''}
            placeholder={field.hint}
            required={field.isRequired}
            onChange={({ target }) => set(target.value)}
          />
        </p>
      );
    case 'manifests':
      return (
        <Manifests
          id={id}
          title={field.title}
          isRequired
          placeholder={'apiVersion: apps/v1\nkind: Deployment\n…'}
          value={typeof value === 'string' ? value : ''}
          set={set}
        />
      );
    case 'yes':
      return (
        <p className="field tick">
          <input id={id} type="checkbox" checked={value === true || value === 'true'} onChange={({ target }) => set(target.checked)} />
          <label htmlFor={id}>{field.title}</label>
        </p>
      );
    case 'one':
      return field.options.length === 0 ? (
        <p>{field.none}</p>
      ) : (
        <p className="field">
          <label htmlFor={id}>{field.title}</label>
          <select id={id} value={typeof value === 'string' ? value : ''} required={field.isRequired} onChange={({ target }) => set(target.value)}>
            <option value="" disabled={field.isRequired}>
              {field.isRequired ? 'choose' : 'as it is'}
            </option>
            {field.options.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        </p>
      );
    case 'some':
      return <Some field={field} value={value} set={set} />;
  }
};

const Some = ({ field, value, set }: Props & { readonly field: Extract<Field, { kind: 'one' | 'some' }> }) => {
  const chosen = typeof value === 'string' ? [value] : typeof value === 'object' ? value : [];
  if (field.options.length === 0) return field.none === undefined ? null : <p>{field.none}</p>;
  return (
    <fieldset className="field">
      <legend>{field.title}</legend>
      {field.options.map((option) => (
        <label key={option}>
          <input
            type="checkbox"
            checked={chosen.includes(option)}
            onChange={({ target }) => set(target.checked ? [...chosen, option] : chosen.filter((one) => one !== option))}
          />{' '}
          {option}
        </label>
      ))}
    </fieldset>
  );
};

type LongProps = {
  readonly id: string;
  readonly title: string;
  readonly isRequired: boolean;
  readonly placeholder?: string;
  readonly value: string;
  set(value: string): void;
};

const Manifests = ({ id, title, isRequired, placeholder, value, set }: LongProps) => (
  <div className="field">
    <label htmlFor={id}>{title}</label>
    <textarea id={id} rows={9} required={isRequired} spellCheck={false} value={value} placeholder={placeholder} onChange={({ target }) => set(target.value)} />
    <label className="file">
      or choose files{' '}
      <input
        type="file"
        multiple
        accept=".yaml,.yml,.json"
        onChange={({ target }) => {
          const files = [...(target.files ?? [])];
          void Promise.all(files.map((file) => file.text())).then((texts) => set(texts.join('\n---\n')));
        }}
      />
    </label>
  </div>
);
