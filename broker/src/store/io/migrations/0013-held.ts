// What each source ever gave of what is still kept, since when no source gives a credential any more, and which ones receipts name: so that what nobody gives
// and nothing rests on can go, and a source that rotates what it gives meets its limit.
export const sql0013 = `
alter table credential add column idle_since timestamptz;
update credential set idle_since = now() where not given;
alter table credential alter column idle_since set default now();
create index credential_idle on credential (owner, idle_since) where idle_since is not null;

create table credential_giver (
  owner text not null,
  source text not null,
  digest text not null,
  id text not null,
  bytes integer not null,
  at timestamptz not null,
  primary key (owner, source, digest)
);
create index credential_giver_digest on credential_giver (owner, digest);
insert into credential_giver (owner, source, digest, id, bytes, at)
  select owner, source, digest, min(id), max(bytes), min(at) from harvest_item where digest <> '' group by owner, source, digest;
create function keep_giver() returns trigger language plpgsql as $$
begin
  if new.digest <> '' then
    insert into credential_giver (owner, source, digest, id, bytes, at) values (new.owner, new.source, new.digest, new.id, new.bytes, new.at)
      on conflict do nothing;
  end if;
  return null;
end $$;
create trigger harvest_item_giver after insert or update of digest on harvest_item for each row execute function keep_giver();

create table cited_credential (
  owner text not null,
  digest text not null,
  primary key (owner, digest)
);
create function cite_credentials() returns trigger language plpgsql as $$
begin
  insert into cited_credential (owner, digest)
    select distinct new.owner, opinion ->> 'source'
    from jsonb_path_query(new.body, '$.placement.candidates[*]') candidate, jsonb_path_query(candidate, '$.opinions[*]') opinion
    where jsonb_path_query_array(new.body, '$.placement.chosen[*].cluster') ? (candidate ->> 'cluster') and opinion ->> 'source' ~ '^[0-9a-f]{64}$'
    on conflict do nothing;
  return null;
end $$;
create trigger receipt_cites after insert on receipt for each row execute function cite_credentials();
insert into cited_credential (owner, digest)
  select distinct owner, opinion ->> 'source'
  from receipt, jsonb_path_query(body, '$.placement.candidates[*]') candidate, jsonb_path_query(candidate, '$.opinions[*]') opinion
  where jsonb_path_query_array(body, '$.placement.chosen[*].cluster') ? (candidate ->> 'cluster') and opinion ->> 'source' ~ '^[0-9a-f]{64}$'
  on conflict do nothing;
`;
