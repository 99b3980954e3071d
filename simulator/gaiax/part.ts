// Gaia-X as a part of the demo: what the broker is told of it, and what a person can do to it.
import type { Action, Part } from '../part.ts';
import { startGaiaX, type GaiaX } from './gaiax.ts';
import { kinds, type StatementKind } from './statements.ts';

const eur = (word: string | undefined): number => {
  const price = Number(word);
  if (!Number.isFinite(price) || price <= 0 || price > 1000) throw new Error('a price is a number of EUR for one virtual CPU and hour, such as 0.02');
  return price;
};

const secondsMax = 90 * 86_400;
const seconds = (word: string): number => {
  const value = Number(word);
  if (!Number.isFinite(value) || value < 1 || value > secondsMax) throw new Error(`${JSON.stringify(word)} is not a number of seconds from 1 to ${secondsMax}`);
  return value;
};

const kindOf = (word: string): StatementKind => {
  const kind = kinds.find((each) => each === word);
  if (!kind) throw new Error(`a provider has these credentials: ${kinds.join(', ')}`);
  return kind;
};
const which = '[label|certifications|registration|offering]';

export const gaiaXPart: Part = {
  name: 'gaia-x',
  async start({ disk, members }) {
    // brokers judge by the real time: what is issued by another would not be valid yet
    const gaiaX = await startGaiaX({ disk, members, now: Date.now });
    const { url, authority, anchor, vocabulary, published, trustedIssuers, reset, close } = gaiaX;
    return { url, told: { authority, anchor, sources: published, trustedIssuers, ...vocabulary }, actions: actions(gaiaX), reset, close };
  },
};

const actions = ({ setPrice, mark, renew, hide }: GaiaX): Readonly<Record<string, Action>> => ({
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
    usage: `revoke PROVIDER ${which}`,
    about: 'the issuer of the label, or of another credential of the provider, takes it back',
    async run([name = '', word = 'label']) {
      await mark('revocation', name, kindOf(word));
      return `The credential "${word}" of ${name} was withdrawn: it is still there, and the status list of its issuer says that it is revoked.`;
    },
  },
  suspend: {
    usage: `suspend PROVIDER ${which}`,
    about: 'its issuer takes it back for a while',
    async run([name = '', word = 'label']) {
      await mark('suspension', name, kindOf(word));
      return `The credential "${word}" of ${name} is suspended: its bit is set on the list of its issuer, until hanse demo restore ${name} ${word}.`;
    },
  },
  restore: {
    usage: `restore PROVIDER ${which}`,
    about: 'what was suspended counts again',
    async run([name = '', word = 'label']) {
      await mark('suspension', name, kindOf(word), false);
      return `The credential "${word}" of ${name} is suspended no longer.`;
    },
  },
  expire: {
    usage: `expire PROVIDER ${which} [SECONDS]`,
    about: 'everything of the provider is issued anew, this one for so many seconds only (60)',
    async run([name = '', word = 'label', given = '60']) {
      const life = seconds(given);
      await renew(name, { kind: kindOf(word), lifeMs: life * 1000 });
      return `All credentials of ${name} were issued anew; its "${word}" ends in ${life} s, unless hanse demo renew ${name} comes before.`;
    },
  },
  renew: {
    usage: 'renew PROVIDER',
    about: 'everything of the provider is issued anew, for 90 days',
    async run([name = '']) {
      await renew(name);
      return `All credentials of ${name} were issued anew; those of before are deprecated.`;
    },
  },
  'did-down': {
    usage: 'did-down PROVIDER|notary|labels|certification',
    about: 'its DID document, status lists and credentials are not to be had any more',
    async run([name = '']) {
      await hide(name);
      return `Nothing of ${name} is answered any more; what a broker has fetched counts for an hour at most.`;
    },
  },
  'did-up': {
    usage: 'did-up PROVIDER|notary|labels|certification',
    about: 'they are to be had again',
    async run([name = '']) {
      await hide(name, false);
      return `What lies at ${name} is answered again.`;
    },
  },
});
