// Layer 2: a LAN of an owner, and everything that is ordered for it at exchanges. A tag on a connection and an address on a LAN belong to one circuit only;
// connections are physical, so theirs are held against every owner's.
export const sql0002 = `
create table lan (
  owner text not null,
  id text not null,
  name text not null,
  record jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (owner, id)
);
create unique index lan_name on lan (owner, name);

create table circuit (
  owner text not null,
  ref text not null,
  lan text not null,
  exchange text not null,
  connection text,
  vlan int,
  ipv4 text,
  record jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (owner, ref)
);
create index circuit_lan on circuit (owner, lan);
create unique index circuit_vlan on circuit (exchange, connection, vlan) where vlan is not null;
create unique index circuit_ipv4 on circuit (owner, lan, ipv4) where ipv4 is not null;
`;
