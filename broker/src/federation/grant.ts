// The provider's word: ConfigMap hanse-grant in the consumer's tenant namespace, which the consumer's account can read and not write.
import { quantityValue } from '../clusters/quantity.ts';
import { exceeds, type SliceResources } from './quantity.ts';

export type Grant = {
  readonly accept: 'yes' | 'ask' | 'no';
  readonly reason?: string;
  /** Absent: open. cordoned: nothing new is lent; draining: we are asked to move away; ended: it cut what ran there. */
  readonly standing?: 'cordoned' | 'draining' | 'ended';
  readonly cpuMillisMax?: number;
  readonly memoryBytesMax?: number;
  readonly podsMax?: number;
};

const limit = (text: string | undefined, factor: number): number | undefined => {
  if (text === undefined || text.trim() === '') return undefined;
  const value = quantityValue(text.trim());
  // what cannot be read as a limit lets nothing through
  return value === null ? 0 : Math.floor(value * factor);
};

const standings = ['cordoned', 'draining', 'ended'] as const;
const standingWords = {
  cordoned: 'lends nothing new to this consumer',
  draining: 'asks this consumer to move away and lends it nothing new',
  ended: 'has ended the relation with this consumer',
} as const;

/** No ConfigMap: the account that the provider made is its word. A word other than yes, ask or no is taken for ask. */
export const readGrant = (data: Readonly<Record<string, string>> | null): Grant => {
  if (data === null) return { accept: 'yes' };
  const word = (data['accept'] ?? '').trim().toLowerCase();
  const reason = data['reason']?.trim().slice(0, 500);
  const standing = standings.find((one) => one === data['standing']?.trim().toLowerCase());
  const cpuMillisMax = limit(data['maxCpu'], 1000);
  const memoryBytesMax = limit(data['maxMemory'], 1);
  const podsMax = limit(data['maxPods'], 1);
  return {
    accept: word === 'yes' || word === 'no' ? word : 'ask',
    ...(reason === undefined || reason === '' ? {} : { reason }),
    ...(standing === undefined ? {} : { standing }),
    ...(cpuMillisMax === undefined ? {} : { cpuMillisMax }),
    ...(memoryBytesMax === undefined ? {} : { memoryBytesMax }),
    ...(podsMax === undefined ? {} : { podsMax }),
  };
};

export type Answer = { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly why: string } | { readonly kind: 'undecided'; readonly why: string };

/** What the provider answers to a wish for so much. */
export const answerOf = (provider: string, grant: Grant, wanted: SliceResources): Answer => {
  if (grant.accept === 'no') return { kind: 'refused', why: `${provider} refuses this consumer${grant.reason === undefined ? '.' : `: ${grant.reason}`}` };
  if (grant.standing !== undefined)
    return { kind: 'refused', why: `${provider} ${standingWords[grant.standing]}${grant.reason === undefined ? '.' : `: ${grant.reason}`}` };
  const over = exceeds(wanted, {
    ...(grant.cpuMillisMax === undefined ? {} : { cpuMillis: grant.cpuMillisMax }),
    ...(grant.memoryBytesMax === undefined ? {} : { memoryBytes: grant.memoryBytesMax }),
    ...(grant.podsMax === undefined ? {} : { pods: grant.podsMax }),
  });
  if (over.length > 0) return { kind: 'refused', why: `${provider} lends less than is asked for: ${over.join('; ')}.` };
  if (grant.accept === 'ask') return { kind: 'undecided', why: `${provider} has not decided yet${grant.reason === undefined ? '' : `: ${grant.reason}`}` };
  return { kind: 'accepted' };
};
