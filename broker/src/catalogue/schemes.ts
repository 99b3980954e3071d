// Compliance schemes as data: which attestation, by whom, gives which fact. A scheme more is a row more; nothing else knows their names.
// What keeps three things about the GDPR apart: the regime that a provider says it works under (`gdpr`), adherence to an approved code of conduct (Art. 40, 41),
// and a certification (Art. 42, 43). NIS2 certifies nobody: it is an attestation scheme of our own.
import type { Assurance } from './offering.ts';
import type { Role } from './judge/policy.ts';

export type Scheme = {
  readonly fact: string;
  readonly title: string;
  /** As credentials name it, without regard to case. */
  readonly names: readonly string[];
  /** What the word of each role is worth; of a role that is not named here, nothing. */
  readonly by: Readonly<Partial<Record<Role | 'provider', Assurance>>>;
};

const audited = { certificationBody: 'certified', notary: 'notarised', provider: 'declared' } as const;

export const schemes: readonly Scheme[] = [
  { fact: 'iso27001', title: 'ISO/IEC 27001', names: ['iso27001', 'iso/iec 27001', 'iso 27001', 'iso/iec 27001:2022'], by: audited },
  { fact: 'c5', title: 'BSI C5', names: ['c5', 'bsi c5'], by: audited },
  { fact: 'secnumcloud', title: 'SecNumCloud', names: ['secnumcloud', 'secnumcloud 3.2'], by: audited },
  { fact: 'gdpr.coc', title: 'EU Cloud Code of Conduct (GDPR Art. 40)', names: ['gdpr.coc', 'eu cloud coc', 'eu cloud code of conduct'], by: audited },
  { fact: 'gdpr.art42', title: 'certified under GDPR Art. 42', names: ['gdpr.art42', 'gdpr art. 42'], by: audited },
  { fact: 'nis2', title: 'NIS2 attestation', names: ['nis2'], by: audited },
];

export const schemeNamed = (name: unknown): Scheme | undefined =>
  typeof name === 'string' ? schemes.find(({ names }) => names.includes(name.trim().toLowerCase())) : undefined;
