// Gaia-X as a part of the demo: what the broker is told of it, and what a person can do to it.
import type { Part } from '../part.ts';
import { startGaiaX } from './gaiax.ts';
import { kinds } from './statements.ts';

const eur = (word: string | undefined): number => {
  const price = Number(word);
  if (!Number.isFinite(price) || price <= 0 || price > 1000) throw new Error('a price is a number of EUR for one virtual CPU and hour, such as 0.02');
  return price;
};

export const gaiaXPart: Part = {
  name: 'gaia-x',
  async start({ disk, clock, members }) {
    const { url, authority, anchor, vocabulary, sources, trustedIssuers, setPrice, revoke, reset, close } = await startGaiaX({ disk, members, now: clock.now });
    return {
      url,
      told: { authority, anchor, sources, trustedIssuers, ...vocabulary },
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
          usage: 'revoke PROVIDER [label|certifications|registration|offering]',
          about: 'the issuer of the label, or of another credential of the provider, takes it back',
          async run([name = '', word = 'label']) {
            const kind = kinds.find((each) => each === word);
            if (!kind) throw new Error(`a provider has these credentials: ${kinds.join(', ')}`);
            await revoke(name, kind);
            return `The credential "${kind}" of ${name} was withdrawn: it is still there, and the status list of its issuer says that it is revoked.`;
          },
        },
      },
      reset,
      close,
    };
  },
};
