// The rule about private addresses, held against what a name resolved to at the moment of connecting: a name may answer differently after it was checked.
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { HanseError } from '../../errors.ts';
import { type Allowed, refuseAddress } from '../address.ts';

/** For `connect` of every connection to the outside. Fails with REFUSED where any address of the name is one that may not be spoken to; `tell` makes the sentence of the reason. */
export const checkedLookup =
  (port: number, allowed: Allowed, tell = (reason: string): string => reason): LookupFunction =>
  (host, options, answer) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return answer(error, []);
      const refusal = found.map(({ address }) => refuseAddress(host, address, port, allowed)).find((reason) => reason !== null);
      const [first] = found;
      if (refusal !== undefined) return answer(new HanseError('REFUSED', tell(refusal)), []);
      if (options.all === true || first === undefined) return answer(null, found);
      return answer(null, first.address, first.family);
    });
  };
