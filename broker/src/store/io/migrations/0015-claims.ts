// Who claimed a cluster, and since when we believed it: the first one stands.
export const sql0015 = `
create table cluster_claim (
  owner text not null,
  cluster text not null,
  issuer text not null,
  digest text not null,
  since timestamptz not null,
  last_at timestamptz not null,
  primary key (owner, cluster, issuer)
);
create index cluster_claim_order on cluster_claim (owner, cluster, since);
`;
