/** A Kubernetes object as a manifest holds it, with where it stands. */
export type KubeManifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly [key: string]: unknown };
  readonly [field: string]: unknown;
};
