// Credentials one by one: what each says, every check of it, and any earlier judgement of it made again.
import type { Store } from '../../store/io/store.ts';
import { HanseError } from '../../errors.ts';
import { decisive, stateOf } from '../judge/judge.ts';
import type { Judgement, State } from '../judge/judge.ts';
import type { Check } from '../judge/check.ts';
import { provenanceOf } from '../provenance.ts';
import type { Provenance } from '../provenance.ts';
import { saidOf } from '../said.ts';
import type { Basis, Replayable } from './bases.ts';
import type { Beside } from './beside.ts';
import { listRows } from './listing.ts';
import type { CredentialPage, ListAsked, Listed } from './listing.ts';
import { createReplay } from './replay.ts';
import type { ReplayOptions } from './replay.ts';
import type { Past } from './standings.ts';

export type CredentialSummary = Omit<Listed, 'state'> & { readonly state: State };

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
  /** One page, told from rows in the order of their sources. INVALID_REQUEST where `after` is gone. */
  list(owner: string, asked: ListAsked): Promise<CredentialPage>;
  /**
   * `digest`: its first characters are enough. `replay`: judged as at that time, on the evidence and under the policy of then; `last`: when what it rests on
   * last changed; null: now. NOT_FOUND.
   */
  show(owner: string, digest: string, replay: Date | 'last' | null): Promise<CredentialDetail>;
  /** These by their whole digests, as they stand now: judged together, once, with what they are tied to. What no source gives any more is left out. */
  shown(owner: string, digests: readonly string[]): Promise<readonly CredentialDetail[]>;
  /** Changes of its state, newest first. NOT_FOUND. */
  history(owner: string, digest: string): Promise<readonly Past[]>;
  /** Digests of what speaks of the same things as these, and does not count. */
  beside(owner: string, digests: readonly string[]): Promise<Beside>;
};

export type CredentialsOptions = ReplayOptions & {
  readonly store: Pick<Store, 'db'>;
  /** Waits for what sources give, where too little of it is known. */
  settle(owner: string): Promise<void>;
  /** As they stand now, with all that they are tied to. */
  judged(owner: string, digests: readonly string[]): Promise<readonly Judgement[]>;
  readonly beside: Credentials['beside'];
  now(): number;
};

type Row = { readonly digest: string; readonly bytes: Buffer; readonly source: string; readonly received_at: Date };

/** Documents and chains of certificates are no longer than this (gatherEvidence): by them it is told whose word a credential is. */
const chainBytesMax = 128 * 1024;

export function createCredentials({ store: { db }, settle, judged, beside, now, ...replaying }: CredentialsOptions): Credentials {
  const { bases, history } = replaying;
  const replayOf = createReplay(replaying);
  const rowOf = async (owner: string, digest: string): Promise<Row> => {
    const isPrefix = /^[0-9a-f]{6,64}$/.test(digest);
    const rows = isPrefix ? await rowsOf(db, owner).where('digest', 'like', `${digest}%`).limit(2).execute() : [];
    const [row, other] = rows;
    if (row === undefined)
      throw new HanseError('NOT_FOUND', `There is no credential ${digest}.`, {
        fix: 'hanse credential list shows them; the first six characters of a digest are enough.',
      });
    if (other !== undefined) throw new HanseError('NOT_FOUND', `More than one credential begins with ${digest}.`, { fix: 'Give more of its digest.' });
    return row;
  };

  const detailOf = async (owner: string, row: Row, based: Replayable, judgement: Judgement, judgedAt: string): Promise<CredentialDetail> => {
    const received = row.bytes.toString();
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
  };

  const shown: Credentials['shown'] = async (owner, digests) => {
    if (digests.length === 0) return [];
    const judgements = new Map((await judged(owner, digests)).map((judgement) => [judgement.digest, judgement]));
    const found: CredentialDetail[] = [];
    // one after the other: each brings its evidence into memory
    for (const digest of digests) {
      const at = new Date(now());
      const judgement = judgements.get(digest);
      const based = judgement === undefined ? null : await bases.find(owner, digest, at, chainBytesMax);
      const row = based === null ? undefined : await rowsOf(db, owner).where('digest', '=', digest).executeTakeFirst();
      if (judgement !== undefined && based !== null && row !== undefined) found.push(await detailOf(owner, row, based, judgement, at.toISOString()));
    }
    return found;
  };

  return {
    beside,
    shown,
    history: async (owner, digest) => history(owner, (await rowOf(owner, digest)).digest),
    async list(owner, asked) {
      await settle(owner);
      return listRows(db, owner, asked, now());
    },
    async show(owner, digest, replay) {
      if (replay === null) await settle(owner);
      const row = await rowOf(owner, digest);
      const [standing] = replay === null ? await shown(owner, [row.digest]) : [];
      if (standing !== undefined) return standing;
      const replayed = await replayOf(owner, row.digest, replay === 'last' ? null : (replay ?? new Date(now())));
      if (replayed !== null) return detailOf(owner, row, replayed.based, replayed.judgement, replayed.judgedAt);
      throw new HanseError(
        'NOT_FOUND',
        `What ${row.digest.slice(0, 12)} was judged on ${replay instanceof Date ? `at ${replay.toISOString()} ` : ''}is not kept.`,
      );
    },
  };
}

const rowsOf = (db: Store['db'], owner: string) => db.selectFrom('credential').select(['digest', 'bytes', 'source', 'received_at']).where('owner', '=', owner);

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
  const check = decisive(judgement);
  const { digest, kind, validUntil } = judgement;
  return {
    digest,
    kind,
    ...saidOf(row.bytes.toString()),
    source: row.source,
    state: stateOf(judgement),
    reason: check === undefined ? null : `${check.name} ${check.result}: ${check.reason}`,
    validUntil,
    receivedAt: row.received_at.toISOString(),
  };
}
