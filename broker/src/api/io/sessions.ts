// How a browser gets in: a link that counts once, exchanged for a cookie that no script of a page can read. The cookie is signed with a key made from the
// token, so it outlives a restart of the broker, works at every broker that has the token, and ends when the token is replaced.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { HanseError } from '../../errors.ts';
import { ownerId } from '../../ids.ts';
import type { By } from './deps.ts';

const linkMs = 5 * 60_000;
const sessionMs = 12 * 3_600_000;
const linksMax = 100;

export type Sessions = {
  /** A code that counts once, and until when (milliseconds since 1970). */
  link(): { readonly code: string; readonly until: number };
  /** The value of Set-Cookie; null: used, too old, or never given. */
  exchange(code: string, port: number): string | null;
  /** Who the cookie is; UNAUTHENTICATED unless it is ours, still holds, and the request came from a page of this broker. */
  who(request: SessionRequest, port: number): By;
};

export type SessionRequest = {
  readonly method: string;
  readonly cookie: string;
  readonly origin?: string | undefined;
  /** Sec-Fetch-Site, where the browser says it. */
  readonly site?: string | undefined;
};

export const createSessions = (token: string, now: () => number = Date.now): Sessions => {
  const key = createHmac('sha256', token).update('hanse page session').digest();
  /** By hash of the code: until when. */
  const links = new Map<string, number>();
  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');

  return {
    link() {
      for (const [hash, until] of links) if (until <= now() || links.size >= linksMax) links.delete(hash);
      const code = randomBytes(24).toString('base64url');
      const until = now() + linkMs;
      links.set(hashOf(code), until);
      return { code, until };
    },
    exchange(code, port) {
      const until = links.get(hashOf(code)) ?? 0;
      links.delete(hashOf(code));
      if (until <= now()) return null;
      const text = `${now() + sessionMs}.${randomBytes(9).toString('base64url')}`;
      return `${cookieName(port)}=${text}.${sign(text)}; Path=/v1; HttpOnly; SameSite=Strict; Max-Age=${sessionMs / 1000}`;
    },
    who({ method, cookie, origin, site }, port) {
      const [, text = '', until = '', signature = ''] = valueOf(cookie, cookieName(port)) ?? [];
      const isOurs = text !== '' && timingSafeEqual(digest(signature), digest(sign(text)));
      if (!isOurs || Number(until) <= now()) {
        throw new HanseError('UNAUTHENTICATED', 'The session of this page has ended.', {
          place: { path: 'headers.cookie' },
          fix: 'Run hanse page and open the link that it prints.',
        });
      }
      // Origin itself is held against the name of the broker before
      const isSafe = method === 'GET' || method === 'HEAD';
      if ((site !== undefined && site !== 'same-origin') || (!isSafe && origin === undefined)) {
        throw new HanseError('FORBIDDEN', 'A session is for the page of this broker alone.', {
          place: { path: site === undefined ? 'headers.origin' : 'headers.sec-fetch-site' },
          fix: 'Programs use the token of the broker.',
        });
      }
      return { owner: ownerId('default'), actor: 'admin' };
    },
  };
};

/** Of each port its own: cookies are shared by every port of a host. */
const cookieName = (port: number): string => `hanse_${port}`;

const valueOf = (cookie: string, name: string): RegExpExecArray | null => {
  for (const part of cookie.slice(0, 8192).split(';')) {
    const [given = '', value = ''] = part.trim().split('=', 2);
    if (given === name) return /^((\d{13,15})\.[\w-]{12})\.([\w-]{43})$/.exec(value);
  }
  return null;
};

const hashOf = (code: string): string => digest(code).toString('hex');
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
