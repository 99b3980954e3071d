// What was observed of a cluster before anything was concluded. null means that it could not be seen, which is never the same as "no".
import { type Range, parseRange } from './address.ts';

export type NodeFacts = {
  readonly name: string;
  readonly providerId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly osImage: string;
  readonly podCidrs: readonly string[];
};

export type LiqoFacts = {
  /** From Liqo's ConfigMap; null: Liqo is not installed. */
  readonly clusterId: string | null;
  /** v1.2.0; null: nothing that could be seen says it. */
  readonly version: string | null;
  readonly versionSource: string | null;
  /** Whether its network module (fabric, ipam) is installed. */
  readonly networking: boolean | null;
  /** The custom resources that a peering needs and the cluster does not have. */
  readonly missingKinds: readonly string[];
};

export type Right = { readonly verb: string; readonly group: string; readonly resource: string; readonly namespace: string | null; readonly allowed: boolean };

/** What OpenShift says of itself in config.openshift.io/v1. */
export type OpenshiftFacts = {
  readonly version: string;
  /** Stable over the life of the cluster. */
  readonly clusterId: string;
  readonly failing: boolean;
  /** AWS, BareMetal, …; null: it could not be seen. */
  readonly platform: string | null;
  /** Its control plane runs elsewhere (HyperShift). */
  readonly hosted: boolean;
  readonly podCidrs: readonly string[];
  readonly serviceCidrs: readonly string[];
  readonly networkType: string | null;
};

export type ClusterFacts = {
  readonly server: string;
  /** UID of the namespace kube-system. */
  readonly uid: string;
  readonly gitVersion: string;
  readonly groups: readonly string[];
  /** Names of kinds that managers and distributions install, beside their groups: object → found. */
  readonly objects: readonly string[];
  readonly nodes: readonly NodeFacts[] | null;
  readonly liqo: LiqoFacts;
  readonly podCidrs: readonly string[] | null;
  readonly serviceCidrs: readonly string[] | null;
  readonly clockSkewMs: number;
  /** RFC 3339; null: unknown. */
  readonly credentialEndsAt: string | null;
  readonly rights: readonly Right[];
  /** ValidatingAdmissionPolicy of admissionregistration.k8s.io/v1. */
  readonly policies: boolean;
  /** Absent or null: it is not OpenShift, or does not tell. */
  readonly openshift?: OpenshiftFacts | null;
};

export type Version = { readonly major: number; readonly minor: number };

export const parseVersion = (text: string): Version | null => {
  const [, major, minor] = /^v?(\d{1,3})\.(\d{1,3})/.exec(text) ?? [];
  return major === undefined || minor === undefined ? null : { major: Number(major), minor: Number(minor) };
};

export const ranges = (cidrs: readonly string[]): readonly Range[] => cidrs.flatMap((cidr) => parseRange(cidr) ?? []);
