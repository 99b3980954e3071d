// Traffic between two members: only over attachments and splices that are in production.
import { describe, expect, it } from 'vitest';
import { exchanges, members, splices } from '../federation.ts';
import { type Config, connectionOf, type Layer2, spliceConnectionOf, type Trouble, wayBetween } from './ways.ts';

type At = Config & { readonly exchange: string };
const attached = (member: string, exchange: string, service: string): At => ({ exchange, service, connection: connectionOf(member), vlan: 2000 });
const end = (splice: string, exchange: string, service: string, vlan: number): At => ({ exchange, service, connection: spliceConnectionOf(splice), vlan });

/** harbour and amstel in Amsterdam, main in Frankfurt, ebro in Madrid, on one LAN. */
const all: readonly At[] = [
  attached('harbour', 'ams-ix', 'ns:1'),
  attached('amstel', 'ams-ix', 'ns:1'),
  attached('main', 'de-cix-frankfurt', 'ns:2'),
  attached('ebro', 'de-cix-madrid', 'ns:3'),
  end('ams-fra', 'ams-ix', 'ns:1', 2111),
  end('ams-fra', 'de-cix-frankfurt', 'ns:2', 3111),
  end('fra-mad', 'de-cix-frankfurt', 'ns:2', 3103),
  end('fra-mad', 'de-cix-madrid', 'ns:3', 2103),
  end('fra-tur', 'de-cix-frankfurt', 'ns:2', 3102),
];
const layer2 = (configs: readonly At[], troubles: Readonly<Record<string, Trouble>> = {}): Layer2 => ({
  exchanges,
  splices,
  members,
  troubles,
  configs: Object.fromEntries(exchanges.map(({ name }) => [name, configs.filter(({ exchange }) => exchange === name)])),
});
const without = (index: number): readonly At[] => all.filter((_, at) => at !== index);

describe('traffic between two members', () => {
  it('flows over several splices, both ways, and there is no way without orders', () => {
    expect(wayBetween(layer2([]), 'harbour', 'amstel')).toBeNull();
    for (const [a, b] of [
      ['harbour', 'amstel'],
      ['harbour', 'main'],
      ['harbour', 'ebro'],
      ['main', 'ebro'],
    ] as const) {
      expect(wayBetween(layer2(all), a, b), `${a} ${b}`).not.toBeNull();
      expect(wayBetween(layer2(all), b, a), `${b} ${a}`).not.toBeNull();
    }
    expect(wayBetween(layer2(all), 'harbour', 'hudson')).toBeNull();
  });

  it('stops with any one attachment or end of a splice on its way, and with no other', () => {
    const needed = [0, 3, 4, 5, 6, 7];
    for (const index of all.keys()) expect(wayBetween(layer2(without(index)), 'harbour', 'ebro') === null, `without ${index}`).toBe(needed.includes(index));
  });

  it('does not flow between two LANs, nor where the two ends of a splice have tags of different pairs', () => {
    const other = all.map((one) => (one.connection === connectionOf('amstel') ? { ...one, service: 'ns:9' } : one));
    expect(wayBetween(layer2(other), 'harbour', 'amstel')).toBeNull();
    const crossed = all.map((one) => (one.vlan === 3111 ? { ...one, vlan: 3121 } : one));
    expect(wayBetween(layer2(crossed), 'harbour', 'main')).toBeNull();
  });

  it('takes what a person does at an exchange without an API as done, and needs the rest', () => {
    expect(wayBetween(layer2(all), 'harbour', 'po')).toMatchObject({ mtuBytes: 1500 });
    expect(wayBetween(layer2(all), 'po', 'main')).not.toBeNull();
    expect(wayBetween(layer2(without(8)), 'harbour', 'po')).toBeNull();
    expect(wayBetween(layer2(without(8)), 'po', 'harbour')).toBeNull();
  });

  it('is late where a part of its way is slow, and none where one is cut', () => {
    const well = wayBetween(layer2(all), 'harbour', 'main');
    for (const part of ['harbour', 'main', 'ams-fra', 'ams-ix', 'de-cix-frankfurt']) {
      expect(wayBetween(layer2(all, { [part]: 'cut' }), 'harbour', 'main'), part).toBeNull();
      const way = wayBetween(layer2(all, { [part]: 'slow' }), 'harbour', 'main');
      expect(way?.roundTripMs, part).toBeCloseTo((well?.roundTripMs ?? 0) + 80);
      expect(way?.lossPercent, part).toBe(2);
    }
    expect(wayBetween(layer2(all, { ebro: 'cut', 'fra-mad': 'cut' }), 'harbour', 'main')).toEqual(well);
  });
});
