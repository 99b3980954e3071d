// A participant's own DID document, whose services name where its presentations lie. All of it is one step.
import { didWebAddress } from '../../judge/did.ts';
import { credentialAddresses } from '../../harvest/services.ts';
import { tokensIn } from '../tokens.ts';
import { itemBytesMax } from './limits.ts';
import { nothing, type Item, type Read, type Refusal } from './step.ts';

const documentBytesMax = 64 * 1024;

export const readDid: Read = async ({ source, ask }) => {
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
  return { ...nothing, items, refused, listed, cursor: null, isWhole: refused.length === 0 };
};
