// What sources of credentials gave, item by item, and how far each was read; and what of our own catalogue others may read, in the order of its changes.
export const sql0009 = `
create table harvest (
  owner text not null,
  source text not null,
  cursor text,
  version bigint not null default 0,
  record jsonb not null,
  primary key (owner, source)
);
create table harvest_item (
  owner text not null,
  source text not null,
  id text not null,
  digest text not null,
  bytes integer not null,
  at timestamptz not null,
  walk bigint not null,
  primary key (owner, source, id)
);
create index harvest_item_digest on harvest_item (owner, digest);
create table sharing (
  owner text primary key,
  id uuid not null default gen_random_uuid()
);
create sequence shared_order;
create table shared_credential (
  owner text not null,
  digest text not null,
  seq bigint not null,
  removed boolean not null,
  primary key (owner, digest)
);
create index shared_credential_order on shared_credential (owner, seq);
`;
