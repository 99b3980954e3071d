// One driver for each exchange that has an API, opened when it is first needed.
import type { Allowed } from '../../../clusters/index.ts';
import type { Exchange, Topology } from '../../topology.ts';
import type { Driver } from './driver.ts';
import { ixApiDriver } from './ixApi.ts';

export const createDrivers = (topology: Topology, allowedAddresses: Allowed) => {
  const open = new Map<string, Driver>();
  return {
    /** null: it has no API, a person orders there. */
    of(exchange: Exchange): Driver | null {
      const { api, name } = exchange;
      if (api.kind === 'manual') return null;
      const known = open.get(name);
      if (known) return known;
      const driver = ixApiDriver(exchange, api, allowedAddresses);
      open.set(name, driver);
      return driver;
    },
    exchanges: topology.exchanges,
    close: async (): Promise<void> => void (await Promise.all([...open.values()].map((driver) => driver.close()))),
  };
};
