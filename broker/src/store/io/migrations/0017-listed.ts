// What a credential says of itself, beside its bytes: so that lists are read page by page, in the order of sources, without taking any credential apart.
export const sql0017 = `
alter table credential add column types text[] not null default '{}', add column id text, add column issuer text;
drop index credential_source;
create index credential_source on credential (owner, source, digest);
`;
