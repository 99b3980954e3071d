// Credentials one by one: what each says, every check of it, and any earlier judgement of it made again.
import type { Store } from '../../store/io/store.ts';
import { HanseError } from '../../errors.ts';
import { readReceived } from '../judge/credential.ts';
import { stateOf } from '../judge/judge.ts';
import type { Judgement, State } from '../judge/judge.ts';
import { idOf, typesOf } from '../node.ts';
import type { Check } from '../judge/check.ts';
import { signerOf } from '../judge/issuer.ts';
import { provenanceOf } from '../provenance.ts';
import type { Provenance } from '../provenance.ts';
import type { Basis } from './bases.ts';
import type { Beside } from './beside.ts';
import { createReplay } from './replay.ts';
import type { ReplayOptions } from './replay.ts';
import type { Past } from './standings.ts';

export type CredentialSummary = {
  /** SHA-256 (hex) of the credential as received. */
  readonly digest: string;
  readonly kind: 'credential' | 'presentation';
  /** Of it and of its subjects. */
  readonly types: readonly string[];
  readonly id: string | null;
  readonly issuer: string | null;
  readonly source: string;
  readonly state: State;
  /** Why it is in that state. */
  readonly reason: string | null;
  /** RFC 3339. */
  readonly validUntil: string | null;
  readonly receivedAt: string;
};

/** `source`: as the configuration names it; `id`: what it calls it; `since`: RFC 3339; `isNow`: it gives it still. */
export type Giver = { readonly source: string; readonly id: string; readonly since: string; readonly isNow: boolean };

export type CredentialDetail = CredentialSummary & {
  readonly judgedAt: string;
  readonly checks: readonly Check[];
  /** Whose word it is; null: it cannot be read. */
  readonly provenance: Provenance | null;
  readonly evidence: Basis['evidence'];
  /** When what it rests on changed, newest first: each can be replayed. */
  readonly changes: readonly string[];
  /** Every source that gave it, the first first. */
  readonly givenBy: readonly Giver[];
  /** As received. */
  readonly received: string;
};

export type Credentials = {
  /** As they stand now, in the order of their sources. */
  list(owner: string): Promise<readonly CredentialSummary[]>;
  /**
   * `digest`: its first characters are enough. `replay`: judged as at that time, on the evidence and under the policy of then; `last`: when what it rests on
   * last changed; null: now. NOT_FOUND.
   */
  show(owner: string, digest: string, replay: Date | 'last' | null): Promise<CredentialDetail>;
  /** Changes of its state, newest first. NOT_FOUND. */
  history(owner: string, digest: string): Promise<readonly Past[]>;
  /** Digests of what speaks of the same things as these, and does not count. */
  beside(owner: string, digests: readonly string[]): Promise<Beside>;
};

export type CredentialsOptions = ReplayOptions & {
  readonly store: Pick<Store, 'db'>;
  /** Waits for what sources give, where too little of it is known. */
  settle(owner: string): Promise<void>;
  /** As they stand now, with all that they are tied to; null: all. */
  judged(owner: string, digests: readonly string[] | null): Promise<readonly Judgement[]>;
  readonly beside: Credentials['beside'];
  now(): number;
};

type Row = { readonly digest: string; readonly bytes: Buffer; readonly source: string; readonly received_at: Date };

export function createCredentials({ store: { db }, settle, judged, beside, now, ...replaying }: CredentialsOptions): Credentials {
  const { bases, history } = replaying;
  const replayOf = createReplay(replaying);
  const rowOf = async (owner: string, digest: string): Promise<Row> => {
    const isPrefix = /^[0-9a-f]{6,64}$/.test(digest);
    const rows = isPrefix
      ? await db
          .selectFrom('credential')
          .select(['digest', 'bytes', 'source', 'received_at'])
          .where('owner', '=', owner)
          .where('digest', 'like', `${digest}%`)
          .limit(2)
          .execute()
      : [];
    const [row, other] = rows;
    if (row === undefined)
      throw new HanseError('NOT_FOUND', `There is no credential ${digest}.`, {
        fix: 'hanse credential list shows them; the first six characters of a digest are enough.',
      });
    if (other !== undefined) throw new HanseError('NOT_FOUND', `More than one credential begins with ${digest}.`, { fix: 'Give more of its digest.' });
    return row;
  };

  return {
    beside,
    history: async (owner, digest) => history(owner, (await rowOf(owner, digest)).digest),
    async list(owner) {
      await settle(owner);
      const judgements = await judged(owner, null);
      if (judgements.length === 0) return [];
      const rows = await db
        .selectFrom('credential')
        .select(['digest', 'bytes', 'source', 'received_at'])
        .where('owner', '=', owner)
        .where(
          'digest',
          'in',
          judgements.map(({ digest }) => digest),
        )
        .execute();
      const byDigest = new Map(rows.map((row) => [row.digest, row]));
      const found = judgements.flatMap((judgement) => {
        const row = byDigest.get(judgement.digest);
        return row === undefined ? [] : [summary(row, judgement)];
      });
      return found.toSorted((left, right) => (left.source + left.digest < right.source + right.digest ? -1 : 1));
    },
    async show(owner, digest, replay) {
      if (replay === null) await settle(owner);
      const row = await rowOf(owner, digest);
      const replayed = await replayOf(owner, row.digest, replay === 'last' ? null : (replay ?? new Date(now())));
      if (replayed === null)
        throw new HanseError(
          'NOT_FOUND',
          `What ${row.digest.slice(0, 12)} was judged on ${replay instanceof Date ? `at ${replay.toISOString()} ` : ''}is not kept.`,
        );
      const { based } = replayed;
      const received = row.bytes.toString();
      const standing = replay === null ? (await judged(owner, [row.digest])).find((each) => each.digest === row.digest) : undefined;
      const { judgedAt, judgement } = standing === undefined ? replayed : { judgedAt: new Date(now()).toISOString(), judgement: standing };
      return {
        ...summary(row, judgement),
        judgedAt,
        checks: judgement.checks,
        provenance: provenanceOf(received, based.evidence, based.policy),
        evidence: based.basis.evidence,
        changes: await bases.times(owner, row.digest),
        givenBy: await giversOf(db, owner, row.digest),
        received,
      };
    },
  };
}

const giversMax = 50;

async function giversOf(db: Store['db'], owner: string, digest: string): Promise<readonly Giver[]> {
  const rows = await db
    .selectFrom('credential_giver as g')
    .leftJoin('harvest_item as i', (join) => join.onRef('i.owner', '=', 'g.owner').onRef('i.source', '=', 'g.source').onRef('i.digest', '=', 'g.digest'))
    .select(['g.source', 'g.id', 'g.at', 'i.digest'])
    .distinctOn(['g.at', 'g.source'])
    .where('g.owner', '=', owner)
    .where('g.digest', '=', digest)
    .orderBy('g.at')
    .orderBy('g.source')
    .limit(giversMax)
    .execute();
  return rows.map(({ source, id, at, digest: held }) => ({ source, id, since: at.toISOString(), isNow: held !== null }));
}

function summary(row: Row, judgement: Judgement): CredentialSummary {
  const read = readReceived(row.bytes.toString());
  const decisive = judgement.checks.find(({ blocks, result }) => blocks && result === 'failed') ?? judgement.checks.find(({ blocks }) => blocks);
  const { digest, kind, validUntil } = judgement;
  const subjects = 'part' in read || read.kind === 'presentation' ? [] : read.payload.credentialSubject;
  return {
    digest,
    kind,
    types: 'part' in read ? [] : [...new Set([...read.payload.type, ...subjects.flatMap(typesOf)])].slice(0, 50),
    id: 'part' in read ? null : (idOf(read.payload) ?? null),
    issuer: 'part' in read ? null : (signerOf(read) ?? null),
    source: row.source,
    state: stateOf(judgement),
    reason: decisive === undefined ? null : `${decisive.name} ${decisive.result}: ${decisive.reason}`,
    validUntil,
    receivedAt: row.received_at.toISOString(),
  };
}
