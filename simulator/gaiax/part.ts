// Gaia-X as a part of the demo: what the broker is told of it, and what a person can do to it.
import type { Part } from '../part.ts';
import { startGaiaX } from './gaiax.ts';

const eur = (word: string | undefined): number => {
  const price = Number(word);
  if (!Number.isFinite(price) || price <= 0 || price > 1000) throw new Error('a price is a number of EUR for one virtual CPU and hour, such as 0.02');
  return price;
};

export const gaiaXPart: Part = {
  name: 'gaia-x',
  async start({ disk, clock, members }) {
    const { url, authority, sources, trustedIssuers, setPrice, withdraw, reset, close } = await startGaiaX({ disk, members, now: clock.now });
    return {
      url,
      told: { authority, sources, trustedIssuers },
      actions: {
        price: {
          usage: 'price PROVIDER EUR',
          about: 'the provider asks another price for one virtual CPU and hour',
          async run([name = '', price]) {
            const asked = eur(price);
            await setPrice(name, asked);
            return `${name} now asks ${asked} EUR for one virtual CPU and hour; its offer and label were issued anew.`;
          },
        },
        revoke: {
          usage: 'revoke PROVIDER',
          about: 'the label of the provider is withdrawn',
          async run([name = '']) {
            await withdraw(name, 'label');
            return `The label of ${name} was withdrawn: its offer stands, but nobody attests it any more.`;
          },
        },
      },
      reset,
      close,
    };
  },
};
