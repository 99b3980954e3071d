// A participant's own DID document, whose services name where its presentations lie. All of it is one step.
import { didWebAddress } from '../../judge/did.ts';
import { credentialAddresses } from '../../harvest/services.ts';
import { sha256Hex } from '../../judge/pure-crypto.ts';
import { tokensIn } from '../tokens.ts';
import { itemBytesMax, itemsPerStepMax } from './limits.ts';
import { nothing, type Item, type Read, type Refusal } from './step.ts';

const documentBytesMax = 64 * 1024;

export const readDid: Read = async ({ source, ask, held }) => {
  const address = didWebAddress(source.at);
  if (address === null) return { failure: 'it is not did:web' };
  const fetched = await ask(address, documentBytesMax);
  if ('failure' in fetched) return fetched;
  const read = credentialAddresses(fetched.text, source.at);
  if ('reason' in read) return { failure: `${address}: ${read.reason}` };
  const items: Item[] = [];
  const refused: Refusal[] = [];
  const listed: string[] = [];
  for (const each of read.addresses) {
    const got = await ask(each, itemBytesMax);
    if ('failure' in got) {
      // not to be had today: what was there the last time still counts
      refused.push({ id: each, reason: got.failure });
      listed.push(each);
    } else items.push(...tokensIn(got.text).map((text, at) => ({ id: at === 0 ? each : `${each} (${at + 1})`, text })));
  }
  // all of it is asked for at every turn, and most of it is as it was
  const there = await held(items.slice(0, itemsPerStepMax).map(({ id }) => id));
  const isSame = ({ id, text }: Item): boolean => there.get(id) === sha256Hex(text.trim());
  const same = items.filter(isSame).map(({ id }) => id);
  return { ...nothing, items: items.filter((item) => !isSame(item)), refused, listed: [...listed, ...same], cursor: null, isWhole: refused.length === 0 };
};
