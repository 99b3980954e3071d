// What was seen of providers that calls for a new decision, and what was decided. Of one cause at one provider at most one is open.
export const sql0005 = `
create table reaction (
  seq bigint generated always as identity primary key,
  id text not null unique,
  owner text not null,
  about text not null,
  open boolean not null,
  operation text references operation (id),
  record jsonb not null,
  updated_at timestamptz not null default now()
);
create unique index reaction_open on reaction (owner, about) where open;
create index reaction_owner on reaction (owner, seq desc);
`;
