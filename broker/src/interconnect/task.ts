// What a person does at an exchange without an API: the exact values, as a question that the operation waits for.
import type { Question } from '../operations/journal.ts';
import type { Circuit, Lan } from './lan.ts';
import type { Exchange } from './topology.ts';

const values = ({ connection, vlan, capacityMbps, account, mac }: Circuit): string =>
  [
    ['connection', connection],
    ['VLAN', vlan],
    ['capacity', capacityMbps === null ? null : `${capacityMbps} Mbit/s`],
    ['account', account],
    ['MAC address', mac],
  ]
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

const contactOf = ({ api, title }: Exchange): string => (api.kind === 'manual' && api.contact !== title ? ` (${api.contact})` : '');

const options = {
  done: { key: 'done', title: 'It is done, with exactly these values' },
  refused: { key: 'refused', title: 'It cannot be done: take everything back' },
};

export const orderTask = (exchange: Exchange, lan: Lan, circuit: Circuit): Question => {
  const what =
    circuit.kind === 'segment'
      ? `a private multipoint VLAN (VPLS), IP MTU ${exchange.mtuBytes}`
      : `a port in the private VLAN ${lan.id} for ${circuit.kind === 'attachment' ? `the site of ${circuit.member}` : `splice ${circuit.member}`}: ${values(circuit)}`;
  return { text: `Order at ${exchange.title}${contactOf(exchange)}: ${what}. Reference ${circuit.ref}.`, options: [options.done, options.refused] };
};

export const cancelTask = (exchange: Exchange, circuit: Circuit, wasOrdered: boolean): Question => ({
  text: `Cancel at ${exchange.title}${contactOf(exchange)}${wasOrdered ? '' : ', if it was ordered'}: reference ${circuit.ref}${circuit.kind === 'segment' ? '' : `, ${values(circuit)}`}. Ask until when it is charged.`,
  options: [{ key: 'done', title: 'It is cancelled, or was never ordered' }],
});
