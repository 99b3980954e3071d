// What a Credentials Events Service and an XFSC catalogue have to answer for Hanse to read them: run against whatever plays them, or is one.
import { expect, it } from 'vitest';
import { fetchText, type FetchRules } from '../../broker/src/catalogue/io/index.ts';
import { readCesEvents } from '../../broker/src/catalogue/harvest/ces.ts';
import { readAssetPage } from '../../broker/src/catalogue/harvest/xfsc.ts';
import { sha256Hex } from '../../broker/src/catalogue/judge/pure-crypto.ts';

export type FeedsWorld = {
  /** Base addresses; `collection`: what the catalogue calls its assets. */
  readonly ces: string;
  readonly xfsc: string;
  readonly collection: 'assets' | 'self-descriptions';
  readonly rules: FetchRules;
  readonly token: string | null;
  /** A credential that is on neither yet, as VC-JWT. */
  credential(): string;
  upload(content: string): Promise<void>;
};

export function feedsContract(world: () => FeedsWorld): void {
  const get = async (address: string): Promise<string> => {
    const got = await fetchText(address, world().rules, { token: world().token });
    if ('failure' in got) throw new Error(got.failure);
    return got.text;
  };

  it('an events service takes an event and gives it behind the one before, its token as it was', async () => {
    const { ces, rules } = world();
    const events = async (query: string) => {
      const read = readCesEvents(await get(`${ces}/credentials-events?page=0&size=20${query}`));
      if ('reason' in read) throw new Error(read.reason);
      return read.events;
    };
    const before = (await events('')).at(-1)?.id;
    const token = world().credential();
    const event = {
      specversion: '1.0',
      id: 'any',
      type: 'eu.gaia-x.credential',
      source: 'https://csp.example/',
      time: '2026-11-22T08:00:00Z',
      data_base64: token,
    };
    expect(await fetchText(`${ces}/credentials-events`, rules, { body: JSON.stringify(event) })).toHaveProperty('text');
    expect(await fetchText(`${ces}/credentials-events`, rules, { body: '{}' })).toEqual({ failure: expect.stringContaining('400') });
    const after = await events(before === undefined || before === null ? '' : `&lastReceivedID=${before}`);
    expect(after).toEqual([{ id: expect.any(String), text: token, reason: '' }]);
    expect(await events(`&lastReceivedID=${after[0]?.id}`)).toEqual([]);
  });

  it('a catalogue lists active assets by the SHA-256 of their content, page by page', async () => {
    const { xfsc, collection } = world();
    const [one, two] = [world().credential(), world().credential()];
    await world().upload(one);
    await world().upload(two);
    const hashes: string[] = [];
    for (let offset = 0; ; offset += 1) {
      const page = readAssetPage(await get(`${xfsc}/${collection}?statuses=active&withMeta=true&withContent=false&offset=${offset}&limit=1`));
      if ('reason' in page) throw new Error(page.reason);
      hashes.push(...page.assets.map(({ hash }) => hash));
      expect(page.refused).toEqual([]);
      if (page.assets.length === 0 || hashes.length >= page.total) break;
    }
    expect(hashes).toEqual(expect.arrayContaining([sha256Hex(one), sha256Hex(two)]));
    expect(await get(`${xfsc}/${collection}?hashes=${sha256Hex(one)}&withMeta=true&withContent=true&limit=1`)).toContain(one);
  });
}
