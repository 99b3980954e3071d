// What became of each credential that is believed, and what placements rest on which. `resting` repeats what the records of applications hold, so that one
// credential finds its placements among ten thousand; the trigger keeps it true, whoever writes a record. The history of states is the audit log's.
export const sql0008 = `
create table standing (
  owner text not null,
  digest text not null,
  state text not null,
  since timestamptz not null,
  next_check_at timestamptz not null,
  valid_until timestamptz,
  why text,
  successor text,
  line text,
  primary key (owner, digest)
);
create index standing_due on standing (next_check_at);
create index standing_turned on standing (owner, since desc);
create index standing_line on standing (owner, line) where line is not null;
create index standing_successor on standing (owner, successor) where successor is not null;
create index audit_event_credential on audit_event (subject, seq) where action like 'credential.%';

create table resting (
  owner text not null,
  application text not null,
  cluster text not null,
  criterion text not null,
  credential text not null,
  primary key (owner, application, cluster, criterion),
  foreign key (owner, application) references application (owner, name) on delete cascade
);
create index resting_credential on resting (owner, credential);

create function keep_resting() returns trigger language plpgsql as $$
begin
  delete from resting where owner = new.owner and application = new.name;
  insert into resting (owner, application, cluster, criterion, credential)
    select new.owner, new.name, candidate ->> 'cluster', opinion ->> 'criterion', opinion ->> 'source'
    from jsonb_path_query(new.record, '$.placement.candidates[*]') candidate,
      jsonb_path_query(candidate, '$.opinions[*]') opinion
    where new.record -> 'clusters' ? (candidate ->> 'cluster')
      and opinion ->> 'verdict' = 'satisfied'
      and opinion ->> 'source' ~ '^[0-9a-f]{64}$'
    on conflict do nothing;
  return null;
end $$;
create trigger application_resting after insert or update of record on application for each row execute function keep_resting();
update application set record = record;
`;
