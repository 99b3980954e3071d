import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { externalUrl, testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';

const servers = [
  { name: 'the embedded server', url: undefined, isThere: true },
  { name: 'an external server', url: externalUrl, isThere: externalUrl !== undefined },
];

describe.each(servers)('the store on $name', ({ url, isThere }) => {
  describe.skipIf(!isThere)(isThere ? 'reached' : 'skipped: HANSE_TEST_DATABASE_URL is not set', () => {
    let test: TestStore;
    beforeAll(async () => {
      test = await testStore(url);
    });
    afterAll(() => test?.close());

    it('reads sequences and sizes as numbers', async () => {
      const { db } = test.store;
      await db
        .insertInto('pool')
        .values({ owner: 'default', name: 'pa', cpu_millis: 2 ** 40, memory_bytes: 2 ** 50, pods: 1, gpus: 0 })
        .execute();
      const row = await db.selectFrom('pool').selectAll().executeTakeFirstOrThrow();
      expect(row).toMatchObject({ cpu_millis: 2 ** 40, memory_bytes: 2 ** 50, version: 0 });
    });
  });
});
