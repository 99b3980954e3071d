// Everything has an owner. Forward only: a change of the schema is a new file.
export const sql0001 = `
create table operation (
  id text primary key,
  owner text not null,
  kind text not null,
  subject text not null,
  state text not null,
  plan jsonb not null,
  actor text not null,
  idempotency_key text,
  request_digest text,
  broker text,
  fence bigint not null default 0,
  lease_until timestamptz,
  wake_at timestamptz,
  cancel_requested boolean not null default false,
  committed boolean not null default false,
  cursor int not null default 0,
  question jsonb,
  answer text,
  outcome jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index operation_idempotency on operation (owner, idempotency_key) where idempotency_key is not null;
create index operation_open on operation (wake_at) where state in ('running', 'waiting', 'asking', 'rollingBack');
create index operation_broker on operation (broker) where broker is not null;
create index operation_planned on operation (created_at) where state = 'planned';

create table journal (
  seq bigint generated always as identity primary key,
  operation text not null references operation (id),
  owner text not null,
  step int not null,
  phase text not null,
  attempt int not null,
  state text not null,
  entry jsonb not null,
  fence bigint not null,
  at timestamptz not null default now()
);
create index journal_operation on journal (operation, seq);

create table event (
  seq bigint generated always as identity primary key,
  owner text not null,
  operation text,
  kind text not null,
  data jsonb not null,
  at timestamptz not null default now()
);
create index event_operation on event (operation, seq);

create table pool (
  owner text not null,
  name text not null,
  cpu_millis bigint not null,
  memory_bytes bigint not null,
  pods bigint not null,
  gpus bigint not null,
  version bigint not null default 0,
  primary key (owner, name)
);
create table reservation (
  id text primary key,
  owner text not null,
  operation text,
  booking text not null,
  pool text not null,
  cpu_millis bigint not null,
  memory_bytes bigint not null,
  pods bigint not null,
  gpus bigint not null,
  state text not null,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (owner, pool) references pool (owner, name)
);
create index reservation_pool on reservation (owner, pool);
create index reservation_booking on reservation (owner, booking);
create index reservation_operation on reservation (owner, operation);

create table audit_event (
  seq bigint primary key,
  owner text not null,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb not null,
  previous text not null,
  hash text not null
);
create table audit_head (
  seq bigint primary key,
  hash text not null,
  key_id text not null,
  signature text not null,
  at timestamptz not null
);

-- at most one row: the key that everything in table secret is sealed with
create table sealing_key (
  key_id text not null,
  one boolean primary key default true check (one),
  created_at timestamptz not null default now()
);
create table secret (
  id text primary key,
  owner text not null,
  purpose text not null,
  sealed bytea not null,
  created_at timestamptz not null default now()
);
create table cluster (
  owner text not null,
  name text not null,
  uid text not null,
  side text not null,
  state text not null,
  record jsonb not null,
  secret text references secret (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (owner, name),
  unique (owner, uid)
);
create table snapshot (
  seq bigint generated always as identity primary key,
  owner text not null,
  cluster text not null,
  at timestamptz not null default now(),
  data jsonb not null
);
create index snapshot_cluster on snapshot (owner, cluster, seq desc);

create table credential (
  digest text not null,
  owner text not null,
  bytes bytea not null,
  media_type text not null,
  source text not null,
  received_at timestamptz not null default now(),
  primary key (owner, digest)
);
create table peering (
  owner text not null,
  home text not null,
  provider text not null,
  state text not null,
  record jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (owner, home, provider)
);
create table application (
  owner text not null,
  name text not null,
  namespace text not null,
  home text not null,
  state text not null,
  operation text,
  record jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (owner, name)
);
create table receipt (
  id text primary key,
  owner text not null,
  operation text not null,
  application text not null,
  body jsonb not null,
  jws text not null,
  at timestamptz not null default now()
);
create table measurement (
  seq bigint generated always as identity primary key,
  owner text not null,
  home text not null,
  record jsonb not null,
  at timestamptz not null default now()
);
create table policy (
  owner text not null,
  name text not null,
  record jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (owner, name)
);
`;
