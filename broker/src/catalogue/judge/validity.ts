// From when to when: what the data say, what the signature says, and the first end of anything it rests on.
import { look } from './check.ts';
import type { Look } from './check.ts';
import type { Credential, Presentation } from './credential.ts';

/** Clocks of issuers may run ahead by this. */
const skewMs = 60_000;

/** Above this a number of seconds would be in the year 5138: it is milliseconds. */
const millisecondsFrom = 1e11;

const timeOf = (moment: string | number): number => (typeof moment === 'string' ? Date.parse(moment) : moment > millisecondsFrom ? moment : moment * 1000);

/** Beyond what a date can say: ±100,000,000 days. */
const isTime = (time: number): boolean => Math.abs(time) <= 8.64e15;

/** Milliseconds since 1970 from which it counts; null: nothing in it says. */
export const issuedAt = ({ header, payload }: Credential): number | null => {
  const stated = [payload.validFrom, payload.iat, header.iat].find((moment) => moment !== undefined);
  return stated === undefined ? null : timeOf(stated);
};

export function validityLook(signed: Credential | Presentation, at: number): { readonly look: Look; readonly until: string | null } {
  const { header, payload } = signed;
  const [validFrom, validUntil] = signed.kind === 'credential' ? [signed.payload.validFrom, signed.payload.validUntil] : [undefined, undefined];
  const starts = [validFrom, payload.iat, payload.nbf, header.iat, header.nbf].filter((moment) => moment !== undefined).map(timeOf);
  const ends = [validUntil, payload.exp, header.exp].filter((moment) => moment !== undefined).map(timeOf);
  if (![...starts, ...ends].every(isTime)) return { look: look('validity', 'failed', 'a time in it cannot be read'), until: null };
  const start = starts.length === 0 ? Number.NEGATIVE_INFINITY : Math.max(...starts);
  const end = ends.length === 0 ? null : Math.min(...ends);
  const until = end === null ? null : new Date(end).toISOString();
  if (start > at + skewMs) return { look: look('validity', 'failed', `it is valid from ${new Date(start).toISOString()} on`, 'early'), until };
  if (end !== null && end <= at) return { look: look('validity', 'failed', `it ended ${until}`, 'expired'), until };
  return { look: look('validity', 'passed', end === null ? 'it names no end' : `until ${until}`), until };
}
