// The body of a request to an API server: JSON, or the protobuf that kubectl insists on.
import type { IncomingMessage } from 'node:http';
import { Refused } from './object.ts';
import { readProtobuf } from './protobuf.ts';

const MAX_BODY = 4 << 20;

/** undefined: there is none. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Refused(413, 'RequestEntityTooLarge', 'request body is too large');
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  if (request.headers['content-type']?.includes('protobuf')) return readProtobuf(Buffer.concat(chunks));
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refused(400, 'BadRequest', 'the object provided is unrecognized: it is not JSON');
  }
}
