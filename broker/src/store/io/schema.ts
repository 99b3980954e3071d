// The tables as TypeScript sees them. The truth is in migrations/; one column, one place here.
import type { Generated, JSONColumnType } from 'kysely';

/** Written as a JSON string or object, read as parsed JSON; the reader parses it (zod) before it trusts it. */
type Document = JSONColumnType<object, string, string>;
type NullableDocument = JSONColumnType<object | null, string | null, string | null>;

export type Tables = {
  operation: {
    id: string;
    owner: string;
    kind: string;
    subject: string;
    /** planned | running | waiting | asking | rollingBack | done | rolledBack | failed | discarded */
    state: string;
    plan: Document;
    actor: string;
    /** Key and digest of the request that made it, for requests that are sent twice. */
    idempotency_key: string | null;
    request_digest: string | null;
    broker: string | null;
    fence: Generated<number>;
    lease_until: Date | null;
    /** Not before. */
    wake_at: Date | null;
    cancel_requested: Generated<boolean>;
    /** No broker begins another step of it. */
    paused: Generated<boolean>;
    /** The point of no return is passed: it can no longer be cancelled. */
    committed: Generated<boolean>;
    /** How many journal entries there are: the next one is written only by who has read them all. */
    cursor: Generated<number>;
    question: NullableDocument;
    answer: string | null;
    outcome: NullableDocument;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  journal: {
    seq: Generated<number>;
    operation: string;
    owner: string;
    step: number;
    phase: string;
    attempt: number;
    state: string;
    entry: Document;
    fence: number;
    at: Generated<Date>;
  };
  /** What watchers are told; read by sequence, NOTIFY only wakes. */
  /** `xid`: the transaction it was written in, as text. */
  event: { seq: Generated<number>; xid: Generated<string>; owner: string; operation: string | null; kind: string; data: Document; at: Generated<Date> };
  reservation: {
    id: string;
    owner: string;
    operation: string | null;
    /** One booking may have a row in each of several pools. */
    booking: string;
    /** What is booked: a provider's offering or cluster. */
    pool: string;
    cpu_millis: number;
    memory_bytes: number;
    pods: number;
    gpus: number;
    /** held until expires_at, or applied (until released) */
    state: string;
    expires_at: Date | null;
    created_at: Generated<Date>;
  };
  pool: { owner: string; name: string; cpu_millis: number; memory_bytes: number; pods: number; gpus: number; version: Generated<number> };
  audit_event: {
    seq: number;
    owner: string;
    at: Date;
    actor: string;
    action: string;
    subject: string;
    detail: Document;
    previous: string;
    hash: string;
  };
  audit_head: { seq: number; hash: string; key_id: string; signature: string; at: Date };
  cluster: {
    owner: string;
    name: string;
    uid: string;
    side: string;
    state: string;
    record: Document;
    secret: string | null;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  /** At most one row. */
  sealing_key: { key_id: string; one: Generated<boolean>; created_at: Generated<Date> };
  /** Sealed with a key that is not in the database nor in its directory. */
  secret: { id: string; owner: string; purpose: string; sealed: Buffer; created_at: Generated<Date> };
  snapshot: { seq: Generated<number>; owner: string; cluster: string; at: Generated<Date>; data: Document };
  /** As received, byte for byte, by SHA-256. */
  credential: {
    digest: string;
    owner: string;
    bytes: Buffer;
    media_type: string;
    source: string;
    received_at: Generated<Date>;
    /** A source gives it now; not what only stands inside a presentation. */
    given: Generated<boolean>;
    /** Under which words others find it, and which it asks for (catalogue/words). */
    words: Generated<string[]>;
    asks: Generated<string[]>;
    /** Whose word it is, hashed: what one issuer says is looked at together. */
    signer: Generated<string>;
    /** Under which configuration its words were made. */
    tied_by: Generated<string>;
    /** The last time its issuer was found not to have signed it. */
    doubted: Generated<boolean>;
    /** Since when no source gives it; null: one does. */
    idle_since: Generated<Date | null>;
    /** What it says of itself (catalogue/said). */
    types: Generated<string[]>;
    id: Generated<string | null>;
    issuer: Generated<string | null>;
  };
  /** What credentials say together. `until`: the end of what makes it an offer at all; `credentials`: the digests that it rests on. */
  offer: {
    owner: string;
    /** SHA-256 over id and provider: ids are longer than an index takes. */
    key: string;
    /** In the order of commits, per owner. */
    seq: string;
    cluster: string | null;
    body: Document;
    body_digest: string;
    /** What an index needs of it (catalogue/told). */
    told: string;
    until: Date | null;
    credentials: string[];
    removed: boolean;
  };
  /** When everything of an owner was gathered and judged last, and what was no offer then. `basis`: under which configuration. */
  ingestion: { owner: string; at: Date; basis: string; rejected: Document };
  /** What was fetched to judge credentials, and the policies they were judged under, by their SHA-256. */
  evidence: { owner: string; digest: string; bytes: Buffer };
  /** What a credential was judged on; a new row when that changed. `basis_key` tells whether it did. */
  credential_basis: { seq: Generated<string>; owner: string; credential: string; at: Date; basis: Document; basis_key: string };
  /** How far a source of credentials was read (`cursor` as its kind writes it), and what was met there. `version`: of two brokers only one moves it on. */
  harvest: { owner: string; source: string; cursor: string | null; version: Generated<number>; record: Document };
  /** What a source stands for now, under the ids that it uses. `walk`: the last time that it listed it. */
  harvest_item: { owner: string; source: string; id: string; digest: string; bytes: number; at: Date; walk: number };
  /** Every source that ever gave a credential that is still kept, under the first id that it used; kept by a trigger from what sources stand for. */
  credential_giver: { owner: string; source: string; digest: string; id: string; bytes: number; at: Date };
  /** Credentials that receipts name as what a chosen cluster satisfied a criterion by; kept by a trigger. */
  cited_credential: { owner: string; digest: string };
  /** Who claims a cluster (its Liqo cluster id), and since when that was believed: the first stands. */
  cluster_claim: { owner: string; cluster: string; issuer: string; digest: string; since: Date; last_at: Date };
  /** Tells our sequence of changes from that of another database. */
  sharing: { owner: string; id: Generated<string> };
  /** What others may read of our catalogue; a change gets a new `seq`. */
  shared_credential: { owner: string; digest: string; seq: number; removed: boolean };
  /** What became of a credential, and when it is looked at again. `successor`: digest of the one that was issued in its place; `line`: the same for all of one issuer and id. */
  standing: {
    owner: string;
    digest: string;
    state: string;
    since: Date;
    next_check_at: Date;
    valid_until: Date | null;
    why: string | null;
    successor: string | null;
    line: string | null;
  };
  /** Which credential each criterion of a placement was satisfied by; kept by a trigger from the records of applications. */
  resting: { owner: string; application: string; cluster: string; criterion: string; credential: string };
  peering: { owner: string; home: string; provider: string; state: string; record: Document; created_at: Generated<Date>; updated_at: Generated<Date> };
  lan: { owner: string; id: string; name: string; record: Document; created_at: Generated<Date>; updated_at: Generated<Date> };
  /** What is ordered at exchanges; `vlan` and `ipv4` are empty where it has none, or no longer. */
  circuit: {
    owner: string;
    ref: string;
    lan: string;
    exchange: string;
    connection: string | null;
    vlan: number | null;
    ipv4: string | null;
    record: Document;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  application: {
    owner: string;
    name: string;
    namespace: string;
    home: string;
    state: string;
    /** The operation that is changing it, or was the last to. */
    operation: string | null;
    record: Document;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  receipt: { id: string; owner: string; operation: string; application: string; body: Document; jws: string; at: Generated<Date> };
  /** How long endpoints take to come and go, measured by probe pods; by home cluster and sender. */
  measurement: { seq: Generated<number>; owner: string; home: string; record: Document; at: Generated<Date> };
  /** What was asked of a cluster in ten minutes, and how it was answered; by the beginning of the ten minutes. */
  heartbeat: {
    owner: string;
    cluster: string;
    began_at: Date;
    first_at: Date;
    last_at: Date;
    answered_at: Date | null;
    asked: number;
    answered: number;
    round_trips_ms: number[];
  };
  /** What comes of them. */
  measured: { owner: string; cluster: string; record: Document };
  /** What was seen of a provider that calls for a decision, and what came of it; one that is open for each cause. */
  reaction: {
    seq: Generated<number>;
    id: string;
    owner: string;
    /** cause/provider/application */
    about: string;
    open: boolean;
    operation: string | null;
    record: Document;
    updated_at: Generated<Date>;
  };
  policy: { owner: string; name: string; record: Document; updated_at: Generated<Date> };
};
