// What ties credentials together has two sides: under which words one is found (words), and which words it asks for (asks). Only what a credential asks
// for is judged with it. doubted: the last time its issuer was found not to have signed it, so that it says nothing to others.
export const sql0014 = `
alter table credential add column asks text[] not null default '{}';
alter table credential add column signer text not null default '';
alter table credential add column tied_by text not null default '';
alter table credential add column doubted boolean not null default false;
create index credential_asks on credential using gin (asks);
create index credential_given on credential (owner, signer, digest) where given;
`;
