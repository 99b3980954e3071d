// What speaks of the same things as the credentials of an offer and does not count: taken back, ended, issued anew, or given by nobody any more.
import { sql } from 'kysely';
import type { Store } from '../../store/io/store.ts';
import { readReceived } from '../judge/credential.ts';
import { signerOf } from '../judge/issuer.ts';
import type { Policy } from '../judge/policy.ts';

export type Beside = {
  /** A source gives them, and they were believed once. */
  readonly lapsed: readonly string[];
  /** No source gives them any more. */
  readonly past: readonly string[];
};

/** Of each the newest. */
const lapsedMax = 50;
const pastMax = 200;
const lapsedStates = ['revoked', 'suspended', 'expired', 'deprecated', 'unverifiable'];

export type BesideOptions = {
  readonly store: Pick<Store, 'db'>;
  /** The words under which others that speak of the same are found. */
  asksOf(received: string): readonly string[];
  readonly policy: Pick<Policy, 'issuers'>;
};

/** Only by who issued one of these, and by those whom the configuration trusts to speak of others. */
export function createBeside({ store: { db }, asksOf, policy }: BesideOptions): (owner: string, digests: readonly string[]) => Promise<Beside> {
  const speakers = policy.issuers.filter(({ roles }) => roles.length > 0).map(({ id }) => id);
  return async (owner, digests) => {
    if (digests.length === 0) return { lapsed: [], past: [] };
    const own = await db
      .selectFrom('credential')
      .select('bytes')
      .where('owner', '=', owner)
      .where('digest', 'in', [...digests])
      .execute();
    const texts = own.map(({ bytes }) => bytes.toString());
    const heard = new Set([...speakers, ...texts.map(issuerOf)]);
    const asks = [...new Set(texts.flatMap((text) => asksOf(text)))];
    const { rows } = await sql<{ digest: string; given: boolean; bytes: Buffer }>`
      with others as (
        select digest, given, bytes, received_at from credential
        where owner = ${owner} and words && ${asks}::text[] and digest <> all(${[...digests]}::text[])
      ), ranked as (
        select digest, given, bytes, row_number() over (partition by given order by received_at desc, digest) as place from others
        where not given or exists (
          select from standing where standing.owner = ${owner} and standing.digest = others.digest and standing.state = any(${lapsedStates}::text[])
        )
      )
      select digest, given, bytes from ranked where place <= case when given then ${lapsedMax}::int else ${pastMax}::int end order by place`.execute(db);
    const found = rows.filter(({ bytes }) => heard.has(issuerOf(bytes.toString())));
    const of = (isGiven: boolean): readonly string[] => found.flatMap(({ digest, given }) => (given === isGiven ? [digest] : []));
    return { lapsed: of(true), past: of(false) };
  };
}

/** Empty: nobody's. */
function issuerOf(received: string): string {
  const read = readReceived(received);
  return 'part' in read ? '' : (signerOf(read) ?? '');
}
