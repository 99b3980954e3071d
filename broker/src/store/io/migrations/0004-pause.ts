// An operation rests between two steps for as long as a person wants it to.
export const sql0004 = `
alter table operation add column paused boolean not null default false;
`;
