// Facts carry their proof: five dots, who says so, and until when.
import { useState } from 'react';
import type { Fact } from '../../contract/src/index.ts';
import { Proof } from './Proof.tsx';
import { counted, expiry, factName, factValue, issuerName, monthOf, shortIssuerName } from './words.ts';

const assurances = ['asserted', 'declared', 'notarised', 'certified', 'measured'] as const;

export const Dots = ({ assurance }: { readonly assurance: Fact['assurance'] }) => {
  const count = assurances.indexOf(assurance) + 1;
  return (
    <span className="dots" role="img" aria-label={assurance} title={assurance}>
      <span aria-hidden="true">{'●'.repeat(count)}</span>
      <i aria-hidden="true">{'●'.repeat(assurances.length - count)}</i>
    </span>
  );
};

const groups = [
  ['locality', 'Locality'],
  ['technical', 'Technical'],
  ['compliance', 'Compliance'],
] as const;

export type Own = {
  readonly group: Fact['group'];
  readonly name: string;
  readonly value: string;
  readonly assurance: Fact['assurance'];
  readonly source: string;
};

/** Facts of an offer; `own`: what Hanse itself knows of the cluster. */
export const Facts = ({ facts, own = [] }: { readonly facts: readonly Fact[]; readonly own?: readonly Own[] }) => (
  <>
    {groups.map(([group, title]) => {
      const ours = own.filter((fact) => fact.group === group);
      const stated = worthReading(facts.filter((fact) => fact.group === group));
      if (ours.length + stated.length === 0) return null;
      return (
        <section key={group}>
          <h3>{title}</h3>
          <ul className="facts">
            {ours.map((fact) => (
              <li key={fact.name}>
                <span className="fact-name">{fact.name}</span>
                <b>{fact.value}</b>
                <Dots assurance={fact.assurance} />
                <small>{fact.source}</small>
              </li>
            ))}
            {stated.filter(isFirst).map((fact) => (
              <FactRow key={`${fact.name} ${String(fact.value)} ${fact.credential}`} fact={fact} />
            ))}
          </ul>
          <More facts={stated.filter((fact) => !isFirst(fact))} />
        </section>
      );
    })}
  </>
);

/** What most people never ask for, one click away. What expires soon is never hidden. */
const More = ({ facts }: { readonly facts: readonly Fact[] }) => {
  if (facts.length === 0) return null;
  return (
    <details className="more">
      <summary>{counted(facts.length, 'more fact', 'more facts')}</summary>
      <ul className="facts">
        {facts.map((fact) => (
          <FactRow key={`${fact.name} ${String(fact.value)} ${fact.credential}`} fact={fact} />
        ))}
      </ul>
    </details>
  );
};

const rare: ReadonlySet<string> = new Set(['region', 'registration.country', 'arch', 'liqo.version', 'kubernetes.version', 'pods', 'energy.pue']);
const isFirst = ({ name, validUntil }: Fact): boolean => !rare.has(name) || expiry(validUntil, Date.now()) !== null;

const order = ['country', 'seat.country', 'city', 'price', 'gpu.count', 'gpu.model', 'cpu.cores', 'memory.gib', 'kubernetes.version', 'label'];
const rank = ({ name }: Fact): number => (order.includes(name) ? order.indexOf(name) : order.length);

/** Each once, with the best proof that it has; single criteria of a label are in its credential. */
const worthReading = (facts: readonly Fact[]): Fact[] => {
  const best = new Map<string, Fact>();
  for (const fact of facts) {
    const key = `${fact.name} ${String(fact.value)}`;
    const before = best.get(key);
    if (!before || assurances.indexOf(fact.assurance) > assurances.indexOf(before.assurance)) best.set(key, fact);
  }
  return [...best.values()].filter(({ name, value }) => name !== 'criterion' && !(name === 'gpu.count' && value === 0)).toSorted((a, b) => rank(a) - rank(b));
};

const FactRow = ({ fact }: { readonly fact: Fact }) => {
  const [isOpen, setOpen] = useState(false);
  const soon = fact.measurement ? null : expiry(fact.validUntil, Date.now());
  return (
    <li>
      <span className="fact-name">{factName(fact.name)}</span>
      <b>{factValue(fact)}</b>
      <Dots assurance={fact.assurance} />
      <button
        type="button"
        className="source"
        aria-expanded={isOpen}
        aria-label={`Proof of ${factName(fact.name)}: ${fact.assurance} by ${issuerName(fact.issuer)}`}
        onClick={() => setOpen(!isOpen)}
      >
        {soon === null ? sourceOf(fact) : <span className="amber">{soon}</span>}
      </button>
      {isOpen && <Proof fact={fact} />}
    </li>
  );
};

const sourceOf = ({ assurance, issuer, validUntil }: Fact): string => {
  if (assurance === 'measured') return 'measured now';
  if (assurance === 'declared' || assurance === 'asserted') return assurance;
  return `${shortIssuerName(issuer)}${validUntil === null ? '' : ` · ${monthOf(validUntil)}`}`;
};
