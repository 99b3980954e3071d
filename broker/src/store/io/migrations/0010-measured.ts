// What Hanse itself measured of clusters: what was asked and answered in ten minutes, and what comes of a day of them. Both end with the cluster.
export const sql0010 = `
create table heartbeat (
  owner text not null,
  cluster text not null,
  began_at timestamptz not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  answered_at timestamptz,
  asked integer not null,
  answered integer not null,
  round_trips_ms real[] not null,
  primary key (owner, cluster, began_at),
  foreign key (owner, cluster) references cluster (owner, name) on delete cascade
);
create table measured (
  owner text not null,
  cluster text not null,
  record jsonb not null,
  primary key (owner, cluster),
  foreign key (owner, cluster) references cluster (owner, name) on delete cascade
);
`;
