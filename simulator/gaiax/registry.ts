// Of a Gaia-X registry the one question that brokers ask: whether a chain ends in an anchor that it knows.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { isPlain } from '../fields.ts';
import type { State } from './state.ts';

/** `drops`: the anchor of this federation is none of its anchors any more. `fails`: it does not get to an answer. */
export type RegistryWay = 'knows' | 'drops' | 'fails';

export type RegistryOptions = { readonly state: Pick<State, 'registry' | 'certified'> };

const path = '/registry/api/trustAnchor/chain';

/** Whether this request is for the registry; then it is answered. */
export const answerRegistry = (request: IncomingMessage, response: ServerResponse, { state }: RegistryOptions): boolean => {
  if (request.url !== path || request.method !== 'POST') return false;
  const answer = (status: number, body: object): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const reply = (body: string): void => {
    if (state.registry === 'fails') return answer(503, { statusCode: 503, message: 'Service Unavailable' });
    const asked: unknown = JSON.parse(body);
    const certs = isPlain(asked) && typeof asked.certs === 'string' ? bare(asked.certs) : '';
    const isKnown = state.registry === 'knows' && Object.values(state.certified.chains).some((chain) => bare(chain) === certs);
    return isKnown ? answer(200, { result: true }) : answer(409, { statusCode: 409, message: 'Root certificate is not a trust anchor', error: 'Conflict' });
  };
  text(request)
    .then(reply)
    .catch(() => answer(400, { statusCode: 400, message: 'Bad Request' }));
  return true;
};

const bare = (pem: string): string => pem.replaceAll(/\s/g, '');
