// Numbers are given out when a row is inserted, rows are seen when their transaction commits: who reads by number alone can pass one that comes later.
// With the transaction a row is from, a reader stops before the oldest one that is still under way.
export const sql0003 = `
alter table event add column xid xid8 not null default pg_current_xact_id();
create index event_order on event (owner, xid, seq);
`;
