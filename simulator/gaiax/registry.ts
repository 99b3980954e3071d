// Of a Gaia-X registry the one question that brokers ask: whether the chain at an address ends in an anchor that it knows.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { isPlain } from '../fields.ts';
import type { State } from './state.ts';

/** `drops`: the anchor of this federation is none of its anchors any more. `fails`: it does not get to an answer. */
export type RegistryWay = 'knows' | 'drops' | 'fails';

/** `url`: below which everybody's chain lies. */
export type RegistryOptions = { readonly state: Pick<State, 'registry' | 'certified'>; readonly url: string };

const path = '/registry/api/trustAnchor/chain/file';

/** Whether this request is for the registry; then it is answered. */
export const answerRegistry = (request: IncomingMessage, response: ServerResponse, { state, url }: RegistryOptions): boolean => {
  if (request.url !== path || request.method !== 'POST') return false;
  const answer = (status: number, body: object): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const reply = (body: string): void => {
    if (state.registry === 'fails') return answer(503, { statusCode: 503, message: 'Service Unavailable' });
    const addresses = Object.keys(state.certified.chains).map((name) => `${url}/${name}/chain.pem`);
    const asked: unknown = JSON.parse(body);
    const isKnown = state.registry === 'knows' && isPlain(asked) && typeof asked.uri === 'string' && addresses.includes(asked.uri);
    return isKnown ? answer(200, { result: true }) : answer(409, { statusCode: 409, message: 'Root certificate is not a trust anchor', error: 'Conflict' });
  };
  text(request)
    .then(reply)
    .catch(() => answer(400, { statusCode: 400, message: 'Bad Request' }));
  return true;
};
