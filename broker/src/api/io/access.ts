// Who may speak to the API: the token, and only under names that are ours, so that no web page can reach it through a name of its own (DNS rebinding).
import { createHash, timingSafeEqual } from 'node:crypto';
import { HanseError } from '../../errors.ts';
import { ownerId } from '../../ids.ts';
import type { ApiConfig, By } from './deps.ts';

export type Headers = { readonly host?: string | undefined; readonly origin?: string | undefined; readonly authorization?: string | undefined };

/** FORBIDDEN unless Host, and Origin where there is one, are names of this broker. `port` is the one that it listens on. */
export const requireOwnName = (headers: Headers, config: Pick<ApiConfig, 'hosts'>, port: number): void => {
  const names = new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, ...config.hosts.map((host) => host.toLowerCase())]);
  const host = headers.host?.toLowerCase() ?? '';
  if (!names.has(host)) {
    throw new HanseError('FORBIDDEN', 'The Host header names no address of this broker.', {
      place: { path: 'headers.host' },
      fix: `Call it as 127.0.0.1:${port} or by the address that it was configured to listen at.`,
    });
  }
  if (headers.origin === undefined) return;
  const origin = headers.origin.toLowerCase();
  if (origin === `http://${host}` || origin === `https://${host}`) return;
  throw new HanseError('FORBIDDEN', 'The request comes from a web page of another origin.', {
    place: { path: 'headers.origin' },
    fix: 'Only pages that the broker serves itself may call it.',
  });
};

/** UNAUTHENTICATED unless the header carries the token; compared in constant time. */
export const authenticate = (headers: Headers, token: string): By => {
  const sent = /^Bearer ([\x21-\x7e]{1,512})$/.exec(headers.authorization ?? '')?.[1];
  if (sent !== undefined && timingSafeEqual(digest(sent), digest(token))) return { owner: ownerId('default'), actor: 'admin' };
  throw new HanseError('UNAUTHENTICATED', sent === undefined ? 'The request carries no bearer token.' : 'The token is not the one of this broker.', {
    place: { path: 'headers.authorization' },
  });
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
