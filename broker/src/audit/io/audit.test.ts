import { mkdtemp, rm, stat, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { chain, beginning } from '../chain.ts';
import type { AuditDraft } from '../chain.ts';
import { formatLink, parseLink } from '../head.ts';
import type { Link } from '../chain.ts';
import { createHeadSigner, readHeadsFile } from './heads.ts';
import { appendAudit, lastLink, readAudit, verifyAudit } from './log.ts';
import { loadSigningKey } from './signingKey.ts';
import type { SigningKey } from './signingKey.ts';

const draft = (over: Partial<AuditDraft> = {}): AuditDraft => ({
  owner: 'default',
  actor: 'ada',
  action: 'wheel.turned',
  subject: 'wheel',
  detail: { by: 1 },
  ...over,
});

let test: TestStore;
let key: SigningKey;
beforeEach(async () => {
  test = await testStore();
  key = await loadSigningKey(test.configDir);
});
afterEach(() => test.close());

const append = (...drafts: AuditDraft[]): Promise<void> => test.store.db.transaction().execute((tx) => appendAudit(tx, drafts));
const signHead = (): Promise<unknown> => createHeadSigner({ store: test.store, key, configDir: test.configDir }).sign();
const tamper = (statement: string): Promise<unknown> => sql.raw(statement).execute(test.store.db);
const verify = async (trusted: Link[] = []) => {
  const { heads } = await readHeadsFile(test.configDir);
  return verifyAudit(test.store, { heads, keys: new Map([[key.keyId, key.publicKey]]), trusted });
};
const kinds = async (trusted: Link[] = []): Promise<string[]> => (await verify(trusted)).faults.map((fault) => fault.kind);

describe('the audit log', () => {
  it('is valid when nobody touched it, whatever text was told to it', async () => {
    await append(
      draft({ subject: 'nul \u0000 half \ud83d whole 😀 back\\u0000slash', detail: { a: [1, 1e21, 0.1, null, 'é'], '': { z: true, a: '\udc00' } } }),
      draft(),
    );
    await append(draft());
    await signHead();
    expect(await verify()).toMatchObject({ valid: true, events: 3, faults: [] });
    expect((await verify()).headsVerified).toBe(2);
  });

  it('tells nothing of what was not committed', async () => {
    await append(draft());
    const failed = test.store.db.transaction().execute(async (tx) => {
      await appendAudit(tx, [draft({ subject: 'never happened' })]);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    await append(draft());
    expect(await verify()).toMatchObject({ valid: true, events: 2 });
  });

  it('stays one chain when many write at once', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, index) => append(draft({ subject: `wheel ${index}` }), draft())));
    expect(await verify()).toMatchObject({ valid: true, events: 80 });
  });

  describe('when someone was at the database', () => {
    beforeEach(async () => {
      for (let index = 1; index <= 9; index++) await append(draft({ subject: `wheel ${index}`, detail: { index } }));
      await signHead();
    });

    it.each(['actor', 'action', 'subject', 'owner'])('finds a changed %s', async (column) => {
      await tamper(`update audit_event set ${column} = 'mallory' where seq = 4`);
      expect(await verify()).toMatchObject({ valid: false, faults: [{ kind: 'changed', seq: 4 }] });
    });
    it('finds a changed detail and a changed time', async () => {
      await tamper(`update audit_event set detail = '{"index": 5}' where seq = 4; update audit_event set at = at + interval '1 second' where seq = 6`);
      expect((await verify()).faults.map((fault) => fault.seq)).toEqual([4, 6]);
    });
    it('finds a missing row, the first one too', async () => {
      await tamper('delete from audit_event where seq = 5');
      expect(await kinds()).toEqual(['missing']);
      await tamper('delete from audit_event where seq = 1');
      expect(await kinds()).toEqual(['missing', 'missing']);
    });
    it('finds reordered rows', async () => {
      await tamper('update audit_event set seq = -seq where seq in (3, 4); update audit_event set seq = 7 + seq where seq in (-3, -4)');
      expect((await verify()).valid).toBe(false);
    });
    it('finds a row that was taken out and the later ones moved up', async () => {
      await tamper(
        'delete from audit_event where seq = 5; update audit_event set seq = -seq + 1 where seq > 5; update audit_event set seq = -seq where seq < 0',
      );
      expect((await verify()).valid).toBe(false);
    });
    it('finds a cut tail by the head in the database, and by the one outside when that one is gone too', async () => {
      await tamper('delete from audit_event where seq > 6');
      expect(await kinds()).toEqual(['cutTail']);
      await tamper('delete from audit_head');
      expect(await kinds()).toEqual(['cutTail']);
    });
    it('finds a log emptied altogether', async () => {
      await tamper('delete from audit_event; delete from audit_head');
      expect(await kinds()).toEqual(['cutTail']);
    });
    it('finds a rewritten chain whose every link fits', async () => {
      const events = await readAudit(test.store.db, 0);
      const rewritten = chain(
        beginning,
        events.map((event) => (event.seq === 2 ? { ...event, actor: 'mallory' } : event)),
        events[0]?.at ?? '',
      );
      await tamper('delete from audit_event');
      for (const event of rewritten) {
        await test.store.db
          .insertInto('audit_event')
          .values({ ...event, at: new Date(event.at), detail: JSON.stringify(event.detail) })
          .execute();
      }
      expect(await kinds()).toEqual(['rewritten', 'rewritten']);
    });
    it('finds what a noted head contradicts, without any signature', async () => {
      const noted = parseLink(formatLink((await lastLink(test.store.db)) ?? beginning));
      expect(noted).not.toBeNull();
      await tamper('delete from audit_event where seq = 9; delete from audit_head');
      await rm(join(test.configDir, 'heads.jsonl'));
      expect(await kinds()).toEqual([]);
      expect(await kinds(noted ? [noted] : [])).toEqual(['cutTail']);
    });
    it('finds a head that was forged', async () => {
      await tamper(`update audit_head set hash = repeat('a', 64)`);
      expect(await kinds()).toEqual(['badHead']);
    });
  });
});

describe('the signing key', () => {
  it('is made once, for its owner alone, and refused when others can read it or it is none', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hanse-key-'));
    const [one, two] = await Promise.all([loadSigningKey(directory), loadSigningKey(directory)]);
    expect(one.keyId).toBe(two.keyId);
    const file = join(directory, 'signing.key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await chmod(file, 0o644);
    await expect(loadSigningKey(directory)).rejects.toMatchObject({ code: 'SETUP_FAILED' });
    await chmod(file, 0o600);
    await writeFile(file, 'not a key');
    await expect(loadSigningKey(directory)).rejects.toMatchObject({ code: 'SETUP_FAILED' });
    await rm(directory, { recursive: true });
  });
});
