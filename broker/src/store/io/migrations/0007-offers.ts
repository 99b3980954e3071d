// Offers as rows: what credentials say together, in the order in which it became so. Numbers are drawn under a lock of the owner that lasts until the
// transaction ends, so that whoever reads behind a number misses nothing. The verdict on a credential is still kept nowhere.
export const sql0007 = `
alter table credential add column given boolean not null default false;
alter table credential add column words text[] not null default '{}';
create index credential_words on credential using gin (words);
create index credential_source on credential (owner, source);

create sequence offer_order;
create table offer (
  owner text not null,
  key text not null,
  seq bigint not null,
  cluster text,
  body jsonb not null,
  body_digest text not null,
  told text not null,
  until timestamptz,
  credentials text[] not null,
  removed boolean not null default false,
  primary key (owner, key)
);
create index offer_changes on offer (owner, seq);
create index offer_cluster on offer (owner, cluster) where not removed;
create index offer_credentials on offer using gin (credentials) where not removed;

create table ingestion (
  owner text primary key,
  at timestamptz not null,
  basis text not null,
  rejected jsonb not null
);
`;
