// What judgements of credentials rested on, as received: any of them can be made again. The verdict itself is kept nowhere.
export const sql0006 = `
create table evidence (
  owner text not null,
  digest text not null,
  bytes bytea not null,
  primary key (owner, digest)
);
create table credential_basis (
  seq bigint generated always as identity primary key,
  owner text not null,
  credential text not null,
  at timestamptz not null,
  basis jsonb not null,
  basis_key text not null
);
create index credential_basis_of on credential_basis (owner, credential, seq desc);
`;
