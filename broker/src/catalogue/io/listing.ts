// The credentials of an owner, page by page, told from rows: what each says of itself, and what became of it, as the offers of the same moment have it. Nothing
// is judged or read into memory for it but the page.
import { sql } from 'kysely';
import { HanseError } from '../../errors.ts';
import type { Store } from '../../store/io/store.ts';
import type { State } from '../judge/judge.ts';

export type Listed = {
  /** SHA-256 (hex) of the credential as received. */
  readonly digest: string;
  readonly kind: 'credential' | 'presentation';
  /** Of it and of its subjects. */
  readonly types: readonly string[];
  readonly id: string | null;
  readonly issuer: string | null;
  readonly source: string;
  readonly state: State | 'expiring';
  /** Why it is in that state. */
  readonly reason: string | null;
  /** RFC 3339. */
  readonly validUntil: string | null;
  readonly receivedAt: string;
};

export type ListAsked = {
  /** Any of these; none: all. */
  readonly state?: readonly Listed['state'][] | undefined;
  /** With its prefix or without. */
  readonly type?: string | undefined;
  readonly issuer?: string | undefined;
  /** A source of the configuration that gave it, or how the file or address begins from which it came. */
  readonly source?: string | undefined;
  /** Digest of the last one that was read. */
  readonly after?: string | undefined;
  readonly limit: number;
};

/** `next`: what to ask behind; null: these were the last. */
export type CredentialPage = { readonly items: readonly Listed[]; readonly next: string | null };

type Row = Omit<Listed, 'kind' | 'reason' | 'validUntil' | 'receivedAt'> & {
  readonly media_type: string;
  readonly known: string;
  readonly why: string | null;
  readonly valid_until: Date | null;
  readonly received_at: Date;
};

/** In the order of their sources. INVALID_REQUEST where there is no `after` any more. */
export async function listRows(db: Store['db'], owner: string, asked: ListAsked, now: number): Promise<CredentialPage> {
  const { state = [], type, issuer, source, limit } = asked;
  const wanted = [
    sql`c.owner = ${owner}`,
    ...(asked.after === undefined ? [] : [sql`(c.source, c.digest) > (${await sourceOf(db, owner, asked.after)}, ${asked.after})`]),
    ...(issuer === undefined ? [] : [sql`c.issuer = ${issuer}`]),
    ...(type === undefined ? [] : [ofType(type)]),
    ...(source === undefined ? [] : [sql`(starts_with(c.source, ${source}) or ${givenBy(source)})`]),
  ];
  // a credential that has ended counts no longer from that moment on, whoever looks at it later; what was never believed is told as its judgement has it
  const { rows } = await sql<Row>`
    select * from (
      select c.digest, c.media_type, c.types, c.id, c.issuer, c.source, c.received_at, s.valid_until, s.why, s.state as known,
        case when s.state in ('active', 'expiring') and s.valid_until <= ${new Date(now)} then 'expired'
          when s.state = 'refused' and split_part(s.why, ' ', 2) = 'unknown:' then 'unverifiable' else s.state end as state
      from credential c join standing s on s.owner = c.owner and s.digest = c.digest where ${sql.join(wanted, sql` and `)}
    ) listed
    ${state.length === 0 ? sql`` : sql`where state = any(${[...state]}::text[])`}
    order by source, digest limit ${limit + 1}`.execute(db);
  const items = rows.slice(0, limit).map(listedOf);
  return { items, next: rows.length > limit ? (items.at(-1)?.digest ?? null) : null };
}

/** `gx:LabelCredential` by its name alone too, and so where it is spelt as an address. One text is searched in a tenth of the time that its rows would take. */
function ofType(type: string) {
  const types = sql`(${'\n'}::text || array_to_string(c.types, ${'\n'}) || ${'\n'})`;
  const spelt = ['\n', ':', '#', '/'].map((mark) => sql`strpos(${types}, ${`${mark}${type}\n`}) > 0`);
  return sql`(${sql.join(spelt, sql` or `)})`;
}

const givenBy = (source: string) => sql`exists (select from credential_giver g where g.owner = c.owner and g.digest = c.digest and g.source = ${source})`;

async function sourceOf(db: Store['db'], owner: string, digest: string): Promise<string> {
  const row = await db.selectFrom('credential').select('source').where('owner', '=', owner).where('digest', '=', digest).executeTakeFirst();
  if (row !== undefined) return row.source;
  throw new HanseError('INVALID_REQUEST', `There is no credential ${digest.slice(0, 12)} any more to read on behind.`, { fix: 'Begin the list again.' });
}

function listedOf({ digest, media_type: mediaType, types, id, issuer, source, state, known, why, valid_until: end, received_at: received }: Row): Listed {
  const validUntil = end?.toISOString() ?? null;
  const reason = state === 'expired' && known !== 'expired' ? `it ended ${validUntil}` : why;
  const kind = mediaType === 'application/vp+jwt' ? 'presentation' : 'credential';
  return { digest, kind, types, id, issuer, source, state, reason, validUntil, receivedAt: received.toISOString() };
}
