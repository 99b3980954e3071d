// What the broker is told of the simulated world: a configuration like anybody's.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connectionOf, spliceConnectionOf, vlanStep } from '../simulator/exchanges/ways.ts';
import { exchanges, members, splices } from '../simulator/federation.ts';
import type { Description } from '../simulator/start.ts';
import type { Standing } from './clusters.ts';
import { write } from './write.ts';

type Told = {
  readonly folder: string;
  readonly configDir: string;
  readonly standing: readonly Standing[] | null;
  readonly probeImage: string | undefined;
};

/** Exactly these ports of this machine may be spoken to, and no other, and the clusters of the folder; kept where a person can read it. */
export function tellBroker(
  { folder, configDir, standing, probeImage }: Told,
  { members: served, parts, control }: Description,
): { readonly name: string; readonly text: string } {
  const gaiaX = parts['gaia-x'];
  const authorityFile = join(folder, 'authorities.pem');
  write(authorityFile, String(gaiaX?.told['authority']));
  const trustAnchorsFile = join(folder, 'anchors.pem');
  write(trustAnchorsFile, String(gaiaX?.told['anchor']));
  const settings = {
    allowedAddresses: [...served.map(({ server }) => server), ...Object.values(parts).map(({ url }) => url)]
      .map((address) => new URL(address).host)
      .concat(Object.values(parts).flatMap(addressesOf), standing?.map(({ address }) => address) ?? []),
    credentials: {
      sources: gaiaX?.told['sources'],
      trustedIssuers: gaiaX?.told['trustedIssuers'],
      contexts: gaiaX?.told['contexts'],
      shapes: gaiaX?.told['shapes'],
      authorityFile,
      askAgainSeconds: 3,
      trustAnchorsFile,
    },
    // a person who plays waits for less
    ...(!standing && { reactions: { offersSeconds: 5, circuitsSeconds: 3, holdSeconds: { unreachable: 20, circuit: 10, price: 5, proof: 5 } } }),
    // between real clusters the product's own bounds
    ...(!standing && { migration: { drainSecondsMin: 5, drainSecondsMax: 60 } }),
    ...(probeImage !== undefined && { probe: { image: probeImage } }),
    ...interconnect(folder, parts['exchanges']?.told['exchanges'], standing ? [] : members),
  };
  const file = { name: join(folder, 'broker.yaml'), text: `${JSON.stringify(settings, null, 2)}\n` };
  write(file.name, file.text);
  mkdirSync(configDir, { recursive: true, mode: 0o700 });
  write(join(configDir, 'demo.json'), JSON.stringify(control)); // for hanse demo
  return file;
}

/** Prices are the contract's: no exchange names them in its API. */
const prices = { segment: { eurPerMonth: 60, eurOnce: 0 }, attachment: { eurPerMonth: 150, eurOnce: 250 } };
const splicePairs = 50;

/** Clusters that stand elsewhere are connected already, to no simulated exchange. */
function interconnect(folder: string, told: unknown, connected: typeof members): object {
  const withApi = (Array.isArray(told) ? told : []).map(({ key, secret, ...exchange }: Record<string, string>) => {
    const [keyFile, secretFile] = [join(folder, `${exchange['name']}.key`), join(folder, `${exchange['name']}.secret`)];
    write(keyFile, key ?? '');
    write(secretFile, secret ?? '');
    return { ...exchange, kind: 'ixApi', keyFile, secretFile, mtuBytes: 9000, prices };
  });
  const byHand = exchanges.filter(({ api }) => api === 'none').map(({ name, title }) => ({ name, title, kind: 'manual', mtuBytes: 9000, prices }));
  return {
    exchanges: [...withApi, ...byHand],
    splices: splices.map(({ vlans: [a, b], ...splice }) => ({
      ...splice,
      connections: [spliceConnectionOf(splice.name), spliceConnectionOf(splice.name)],
      // what was in production keeps its tags until the date that the exchange named
      vlans: Array.from({ length: splicePairs }, (_, index) => [a + index * vlanStep, b + index * vlanStep]),
    })),
    sites: connected.map(({ name, exchange }) => ({ cluster: name, exchange, connection: connectionOf(name), mtuBytes: 9000 })),
  };
}

/** Where a part listens beside its own address. */
const addressesOf = ({ told }: Description['parts'][string]): string[] =>
  Array.isArray(told['addresses']) ? told['addresses'].filter((one) => typeof one === 'string') : [];
