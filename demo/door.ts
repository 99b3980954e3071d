// The broker's API, as anybody uses it.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { tokenFileOf } from '../broker/src/api/io/tokenFile.ts';

export type Door = { readonly url: string; readonly token: string };
type Answer = {
  readonly operation?: { readonly id: string } | null;
  readonly state?: string;
  readonly path?: string;
  readonly title?: string;
  readonly detail?: string;
};

export async function pageLink(url: string, configDir: string): Promise<string> {
  const { path = '/' } = await call({ url, token: readToken(configDir) }, 'POST', '/v1/page-links');
  return url + path;
}

export const readToken = (configDir: string): string => readFileSync(tokenFileOf(configDir), 'utf8').trim();

async function call({ url, token }: Door, method: string, path: string, body?: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
  const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const answer = (await response.json()) as Answer; // our own API
  if (!response.ok) throw new Error(answer.detail ?? answer.title ?? `the broker answered ${response.status}`);
  return answer;
}

/** Planned, approved, and done; throws when it does not come to that. */
export async function undertake(door: Door, verb: string, request: object): Promise<void> {
  const { operation } = await call(door, 'POST', '/v1/operations', { verb, request });
  if (!operation) return;
  await call(door, 'POST', `/v1/operations/${operation.id}/approve`);
  for (;;) {
    const { state = '' } = await call(door, 'GET', `/v1/operations/${operation.id}`);
    if (state === 'done') return;
    if (['rolledBack', 'failed', 'discarded', 'asking'].includes(state)) throw new Error(`operation ${operation.id} is ${state}`);
    await pause(100);
  }
}
