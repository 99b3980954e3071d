// One connection from a client to a pod over a way between two members: as late as the way is long, and broken off when there is none any more.
import { connect, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import type { Way } from '../exchanges/ways.ts';

/** `way` is asked for every piece: a circuit that is cut takes what is on it along. */
export function carry(client: Socket, port: number, way: () => Way | null): void {
  const first = way();
  if (first === null) return void client.resetAndDestroy();
  // the handshake is one round trip; a connection whose packets are lost sends them again: late, not lost
  const timer = setTimeout(open, first.roundTripMs);
  client.once('close', () => clearTimeout(timer));
  function open(): void {
    const pod = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const end = (): void => {
      client.resetAndDestroy();
      pod.destroy();
    };
    const back = late(way, end);
    // what the pod said before it closed is still under way
    back.once('end', () => client.destroySoon());
    pod.on('error', end);
    client.once('close', () => pod.destroy());
    client.pipe(late(way, end)).pipe(pod);
    pod.pipe(back).pipe(client);
  }
}

/** Passes every piece on half a round trip later, in order; `cut` when there is no way. */
function late(way: () => Way | null, cut: () => void): Transform {
  return new Transform({
    transform(piece, _encoding, passOn) {
      const now = way();
      if (now === null) return cut();
      if (now.roundTripMs === 0) return passOn(null, piece);
      setTimeout(() => passOn(null, piece), now.roundTripMs / 2);
    },
  });
}
