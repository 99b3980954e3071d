// What a probe measured between two members of a LAN, and what that says of the plan. What was not measured is unknown.

export type Measured = {
  /** RFC 3339, by the broker's clock. */
  readonly at: string;
  readonly from: string;
  readonly sent: number;
  readonly received: number;
  /** Mean; null: nothing came back. */
  readonly roundTripMs: number | null;
  /** The largest packet of those tried that passed whole; null: unknown. */
  readonly mtuBytes: number | null;
  /** What the probe itself could send at most, by its interface; null: unknown. */
  readonly ownMtuBytes: number | null;
};

export type Reading = { readonly kind: 'measured'; readonly measured: Measured } | { readonly kind: 'unknown'; readonly why: string };

/** What is tried where the planned size does not pass: jumbo frames, carriers' usual sizes, Ethernet less a tunnel or two, what IPv6 asks for. */
const commonMtuBytes = [9000, 4470, 1600, 1500, 1450, 1400, 1280];

/** The planned one first, then smaller ones. */
export const sizesToTry = (plannedBytes: number): readonly number[] => [plannedBytes, ...commonMtuBytes.filter((size) => size < plannedBytes)];

const number = (text: string | undefined): number | null => (text === undefined || text === '' || !Number.isFinite(Number(text)) ? null : Number(text));

/** `message`: the termination message of the probe, as any cluster's API shows it; null: none. It came from outside. */
export const readProbe = (message: string | null, by: { readonly at: string; readonly from: string }): Reading => {
  if (message === null || message.trim() === '') return { kind: 'unknown', why: 'the probe reported nothing' };
  const error = /^error=([^\n]{0,200})/.exec(message)?.[1];
  if (error !== undefined) return { kind: 'unknown', why: error.replaceAll(/\p{Cc}/gu, ' ') };
  const found = /^own=(\d{0,6}) sent=(\d{1,4}) received=(\d{1,4}) rtt=(\d{0,6}(?:\.\d{1,6})?) mtu=(\d{0,5})\s*$/.exec(message);
  const [sent, received] = [number(found?.[2]), number(found?.[3])];
  if (found === null || sent === null || received === null || sent === 0 || received > sent) return { kind: 'unknown', why: 'its report is malformed' };
  return {
    kind: 'measured',
    measured: { ...by, sent, received, ownMtuBytes: number(found[1]), roundTripMs: number(found[4]), mtuBytes: received === 0 ? null : number(found[5]) },
  };
};

export type Verdict = 'fits' | 'narrow' | 'silent';

/** `silent`: nothing at all came back. A packet that the probe's own interface cannot send says nothing of the way. */
export const judge = ({ received, mtuBytes, ownMtuBytes }: Measured, plannedBytes: number): Verdict => {
  if (received === 0) return 'silent';
  const triable = Math.max(0, ...sizesToTry(plannedBytes).filter((size) => ownMtuBytes === null || size <= ownMtuBytes));
  return ownMtuBytes !== null && (mtuBytes ?? 0) < triable ? 'narrow' : 'fits';
};

export const inWords = ({ sent, received, roundTripMs, mtuBytes }: Measured): string => {
  const lost = `${sent - received} of ${sent} packets lost`;
  if (received === 0) return lost;
  const mtu = mtuBytes === null ? 'MTU unknown' : `${mtuBytes} bytes pass`;
  return [mtu, lost, ...(roundTripMs === null ? [] : [`round trip ${roundTripMs.toFixed(1)} ms`])].join(', ');
};
