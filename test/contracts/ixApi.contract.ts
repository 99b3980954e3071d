// What we rely on of an exchange that speaks IX-API 2, held against a server: the simulator, directly and with an outside judge between us.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Circuit, Lan } from '../../broker/src/interconnect/lan.ts';
import type { Driver } from '../../broker/src/interconnect/io/exchanges/driver.ts';
import { ixApiDriver } from '../../broker/src/interconnect/io/exchanges/ixApi.ts';
import type { Exchange } from '../../broker/src/interconnect/topology.ts';

/** A server with two connections of one account, and one of a reseller's customer. */
export type IxApiSystem = {
  readonly url: string;
  readonly profile: '2.1' | '2.4' | '2.7';
  readonly key: string;
  readonly secret: string;
  readonly account: string;
  readonly customer: { readonly account: string; readonly connection: string };
  readonly connection: string;
  /** Time goes on. */
  pass(ms: number): void;
  readonly faults: { loseAnswers: number; failAfterCommit: number; tooMany: number; failOrders: number; degraded: string | null; laterDays: number };
  /** The orders under this reference, as the exchange keeps them. */
  ordersUnder(ref: string): readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
};

const acting = { guard: () => {} };
const lan: Lan = { id: '7f3a00b1c2', name: 'harbour', ipv4: '100.64.0.0/26', ipv6: 'fd7f:3a00:b1c2::/64' };
const hour = 3_600_000;

/** A segment that nobody looked for before it was ordered; answers its id. */
async function orderedAgain({ url, profile, key, secret, account }: IxApiSystem, ref: string): Promise<string> {
  let token = '';
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) };
    const response = await fetch(`${url}${path}`, body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) });
    return response.json();
  };
  token = z.object({ access_token: z.string() }).parse(await ask('/auth/token', { api_key: key, api_secret: secret })).access_token;
  const [product] = z.array(z.object({ id: z.string() })).parse(await ask('/product-offerings?type=mp2mp_vc'));
  const accounts = { managing_account: account, billing_account: account, consuming_account: account };
  const name = profile === '2.1' ? { name: 'again' } : { display_name: 'again' };
  const order = { type: 'mp2mp_vc', product_offering: product?.id, ...accounts, ...name, public: false, external_ref: ref };
  return z.object({ id: z.string() }).parse(await ask('/network-services', order)).id;
}

export function ixApiContract(what: string, open: () => Promise<IxApiSystem>): void {
  describe(`an exchange as ${what}`, { timeout: 60_000 }, () => {
    let system: IxApiSystem;
    let driver: Driver;
    let folder: string;
    let exchange: Exchange;
    let number = 0;

    beforeAll(async () => {
      system = await open();
      folder = mkdtempSync(join(tmpdir(), 'hanse-ixapi-'));
      writeFileSync(join(folder, 'key'), `${system.key}\n`);
      writeFileSync(join(folder, 'secret'), system.secret);
      exchange = exchangeAt(system.url);
      driver = driverOf(exchange);
    }, 120_000);
    afterAll(async () => {
      await driver?.close();
      await system?.close();
      rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(() => void (number += 1));

    const exchangeAt = (url: string, keyFile = join(folder, 'key')): Exchange => ({
      name: 'ix',
      title: 'The exchange',
      mtuBytes: 9000,
      prices: { segment: { eurOnce: 0, eurPerMonth: 0 }, attachment: { eurOnce: 0, eurPerMonth: 0 } },
      api: { kind: 'ixApi', url, profile: system.profile, keyFile, secretFile: join(folder, 'secret'), account: system.account },
    });
    const driverOf = (one: Exchange): Driver => {
      if (one.api.kind !== 'ixApi') throw new Error('it has an API');
      return ixApiDriver(one, one.api, [new URL(one.api.url).host]);
    };
    const circuit = (over: Partial<Circuit>): Circuit => ({
      ref: `hanse:${lan.id}:segment:ix:${number}`,
      lan: lan.id,
      exchange: 'ix',
      kind: 'segment',
      member: 'ix',
      connection: null,
      vlan: null,
      account: null,
      ipv4: null,
      ipv6: null,
      capacityMbps: null,
      roleAssignments: [],
      mac: null,
      state: 'reserved',
      id: null,
      told: '',
      messages: [],
      since: null,
      decommissionAt: null,
      chargedUntil: null,
      measured: null,
      ...over,
    });
    const attachment = (over: Partial<Circuit> = {}): Circuit =>
      circuit({
        ref: `hanse:${lan.id}:member:a:${number}`,
        kind: 'attachment',
        member: 'a',
        connection: system.connection,
        vlan: 2000 + number,
        capacityMbps: 1000,
        ...over,
      });
    const ordered = async (over: Partial<Circuit> = {}) => {
      const segment = circuit({});
      const { id: segmentId } = await driver.order({ lan, circuit: segment, segmentId: null }, acting);
      const attached = attachment(over);
      const order = { lan, circuit: attached, segmentId };
      return { segment, segmentId, attached, order, observed: await driver.order(order, acting) };
    };

    it('lets us in and says that it sells what a LAN needs', async () => {
      expect(await driver.survey()).toEqual({ terms: expect.any(String) });
    });

    it('takes a segment and an attachment through its states to production, with the tag that was asked for', async () => {
      const { segment, attached, observed } = await ordered();
      expect(observed).toMatchObject({ state: 'pending', vlan: attached.vlan });
      system.pass(24 * hour);
      expect(await driver.find(segment)).toMatchObject({ state: 'ready', told: 'production' });
      expect(await driver.find(attached)).toMatchObject({ state: 'ready', told: 'production', vlan: attached.vlan });
      expect(await driver.vlansTaken(system.connection)).toContain(attached.vlan);
    });

    it('names a segment as its version does, so that the people of the exchange know whose it is', async () => {
      const { segment } = await ordered();
      const label = { [system.profile === '2.1' ? 'name' : 'display_name']: `hanse-${lan.name}-${lan.id}` };
      expect(system.ordersUnder(segment.ref)).toEqual([expect.objectContaining(label)]);
    });

    it('chooses the tag where it is left to it, from 2.4 on', async () => {
      const chosen = ordered({ vlan: null });
      if (system.profile === '2.1') {
        await expect(chosen).rejects.toMatchObject({ code: 'EXCHANGE_REFUSED' });
        return;
      }
      const { attached, observed } = await chosen;
      expect(observed).toMatchObject({ vlan: expect.any(Number) });
      expect(await driver.find(attached)).toMatchObject({ vlan: observed.vlan });
    });

    it('admits a customer of the account by a joining rule, with its MAC address, and no one twice', async () => {
      const { account, connection } = system.customer;
      const { order } = await ordered({ account, connection, mac: '02:fc:00:00:00:02' });
      const again = await driver.order(order, acting);
      expect(again.state).toBe('pending');
      expect(system.ordersUnder(order.circuit.ref)).toHaveLength(1);
    });

    it.each(['loseAnswers', 'failAfterCommit'] as const)('never orders twice when the answer is lost (%s)', async (fault) => {
      const segment = circuit({});
      system.faults[fault] = 1;
      await expect(driver.order({ lan, circuit: segment, segmentId: null }, acting)).rejects.toMatchObject({ code: 'EXCHANGE_UNREACHABLE', retry: 'later' });
      const found = await driver.order({ lan, circuit: segment, segmentId: null }, acting);
      expect(found.state).toBe('pending');
      expect(system.ordersUnder(segment.ref)).toHaveLength(1);
    });

    it('is told of where an order stands twice, as when one of ours was taken later than we waited for it: both are named, and nothing more is ordered or cancelled', async () => {
      const segment = circuit({});
      const { id } = await driver.order({ lan, circuit: segment, segmentId: null }, acting);
      const other = await orderedAgain(system, segment.ref);
      const told = { code: 'CONFLICT', message: expect.stringMatching(new RegExp(`2 orders under ${segment.ref}: (${id}, ${other}|${other}, ${id})`)) };
      await expect(driver.find(segment)).rejects.toMatchObject(told);
      await expect(driver.order({ lan, circuit: segment, segmentId: null }, acting)).rejects.toMatchObject(told);
      await expect(driver.cancel(segment, null, acting)).rejects.toMatchObject(told);
      expect(system.ordersUnder(segment.ref)).toHaveLength(2);
    });

    it('is asked again later when it is too busy', async () => {
      system.faults.tooMany = 1;
      await expect(driver.find(circuit({}))).rejects.toMatchObject({ code: 'EXCHANGE_UNREACHABLE', retry: 'later' });
      expect(await driver.find(circuit({}))).toBeNull();
    });

    it('says which field it refuses, and nothing was ordered', async () => {
      const { attached, segmentId } = await ordered();
      const clash = attachment({ ref: `${attached.ref}:clash` });
      await expect(driver.order({ lan, circuit: clash, segmentId }, acting)).rejects.toMatchObject({
        code: 'EXCHANGE_REFUSED',
        message: expect.stringMatching(new RegExp(`vlan_config.vlan.*VLAN ${attached.vlan} is in use`)),
      });
      expect(await driver.find(clash)).toBeNull();
    });

    it('shows an order that fails later, with its words', async () => {
      system.faults.failOrders = 1;
      const { attached } = await ordered();
      system.pass(24 * hour);
      expect(await driver.find(attached)).toMatchObject({ state: 'failed', messages: [expect.stringMatching(/no further circuits/)] });
    });

    it('shows that a circuit in production is degraded', async () => {
      const { attached } = await ordered();
      system.pass(24 * hour);
      system.faults.degraded = 'loss on the metro ring';
      expect(await driver.find(attached)).toMatchObject({ state: 'degraded', messages: [expect.stringMatching(/metro ring/)] });
      system.faults.degraded = null;
      expect(await driver.find(attached)).toMatchObject({ state: 'ready' });
    });

    it('gives back at once what never came into production', async () => {
      const { segment, attached } = await ordered();
      expect(await driver.cancel(attached, null, acting)).toMatchObject({ kind: 'cancelled', as: { state: 'ended' } });
      expect(await driver.cancel(segment, null, acting)).toMatchObject({ kind: 'cancelled', as: { state: 'ended' } });
      expect(await driver.cancel(segment, null, acting)).toMatchObject({ kind: 'cancelled', as: { state: 'ended' } });
    });

    it('ends what was in production on the date that it named, and charges it as long as it said', async () => {
      const { attached } = await ordered();
      system.pass(24 * hour);
      const quote = await driver.quote(attached);
      expect(quote.chargedUntil >= quote.decommissionAt).toBe(true);
      expect(await driver.cancel(attached, quote, acting)).toMatchObject({ kind: 'cancelled', as: { state: 'ending', ...quote } });
      system.pass(100 * 24 * hour);
      expect(await driver.find(attached)).toMatchObject({ state: 'ended' });
    });

    it('cancels nothing when the date that was approved has gone by, and names the new ones', async () => {
      const { attached } = await ordered();
      system.pass(24 * hour);
      const quote = await driver.quote(attached);
      system.faults.laterDays = 40;
      const answer = await driver.cancel(attached, quote, acting);
      system.faults.laterDays = 0;
      expect(answer).toMatchObject({ kind: 'otherDates' });
      expect(answer.kind === 'otherDates' && answer.quote.decommissionAt > quote.decommissionAt).toBe(true);
      expect(await driver.find(attached)).toMatchObject({ state: 'ready' });
    });

    it('is sent nothing once the lease is lost', async () => {
      const lost = {
        guard: () => {
          throw new Error('the lease is lost');
        },
      };
      const segment = circuit({});
      await expect(driver.order({ lan, circuit: segment, segmentId: null }, lost)).rejects.toThrow('the lease is lost');
      expect(system.ordersUnder(segment.ref)).toHaveLength(0);
    });

    it('never lets key, secret or token into an error', async () => {
      writeFileSync(join(folder, 'wrong'), 'k'.repeat(16));
      const stranger = driverOf(exchangeAt(system.url, join(folder, 'wrong')));
      const error = await stranger.survey().catch((caught: unknown) => caught);
      await stranger.close();
      expect(error).toMatchObject({ code: 'EXCHANGE_REFUSED', message: expect.stringMatching(/does not accept our key/) });
      const all = JSON.stringify([error, error instanceof Error ? [error.message, error.stack, error.cause] : null]);
      expect(all).not.toContain('k'.repeat(16));
      expect(all).not.toContain(system.secret);
    });

    it('is not spoken to at an address that the configuration does not list', async () => {
      if (exchange.api.kind !== 'ixApi') throw new Error('it has an API');
      const stranger = ixApiDriver(exchange, exchange.api, []);
      await expect(stranger.survey()).rejects.toMatchObject({ code: 'REFUSED' });
      await stranger.close();
    });
  });
}
