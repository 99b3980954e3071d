// What roles cannot say about our own accounts is said by admission policies (CEL, Kubernetes 1.30): they limit this one user and nobody else.
import type { Manifest } from './manifest.ts';

type Metadata = Manifest['metadata'];
type Validation = { readonly expression: string; readonly message: string };
type ResourceRule = {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly operations: readonly string[];
  readonly resources: readonly string[];
  readonly scope: string;
};

const admission = 'admissionregistration.k8s.io/v1';

const policy = (username: string, metadata: Metadata, resourceRules: readonly ResourceRule[], validations: readonly Validation[]): readonly Manifest[] => [
  {
    apiVersion: admission,
    kind: 'ValidatingAdmissionPolicy',
    metadata,
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules },
      matchConditions: [{ name: 'our-account', expression: `request.userInfo.username == '${username}'` }],
      validations,
    },
  },
  {
    apiVersion: admission,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata,
    spec: { policyName: metadata.name, validationActions: ['Deny'] },
  },
];

const rule = (apiGroup: string, resources: readonly string[], operations: readonly string[], scope: 'Cluster' | 'Namespaced'): ResourceRule => ({
  apiGroups: [apiGroup],
  apiVersions: ['*'],
  operations,
  resources,
  scope,
});

const ours = (object: string): string =>
  `(has(${object}.metadata.labels) && ('hanse.dev/operation' in ${object}.metadata.labels || 'hanse.dev/application' in ${object}.metadata.labels))`;

/** At home the account writes in namespaces that Hanse made, and in Liqo's tenant namespaces (which liqoctl may have made). */
export const homePolicy = (username: string, metadata: Metadata): readonly Manifest[] => {
  const allowed = (object: string): string => `${object}.metadata.name.startsWith('liqo-tenant-') || ${ours(object)}`;
  return policy(
    username,
    metadata,
    [rule('*', ['*/*'], ['CREATE', 'UPDATE', 'DELETE'], 'Namespaced'), rule('', ['namespaces'], ['CREATE', 'UPDATE', 'DELETE'], 'Cluster')],
    [
      {
        expression: `request.resource.resource == 'namespaces' || ${allowed('namespaceObject')}`,
        message: 'Hanse writes only in namespaces that carry its labels (hanse.dev/operation, hanse.dev/application) and in liqo-tenant-*',
      },
      {
        expression: `request.resource.resource != 'namespaces' || (request.operation == 'CREATE' ? (${allowed('object')}) : (${allowed('oldObject')}))`,
        message: 'Hanse makes, changes and deletes only namespaces that carry its labels (hanse.dev/operation, hanse.dev/application) and liqo-tenant-*',
      },
    ],
  );
};

/**
 * At a provider: no token of another account by way of a Secret, no Tenant in another's name, and of the certificate requests only those that Liqo
 * leaves behind after it has issued the certificate.
 */
export const providerPolicy = (username: string, homeClusterId: string, metadata: Metadata): readonly Manifest[] =>
  policy(
    username,
    metadata,
    [
      rule('', ['secrets'], ['CREATE'], 'Namespaced'),
      rule('authentication.liqo.io', ['tenants'], ['CREATE', 'UPDATE'], 'Namespaced'),
      rule('certificates.k8s.io', ['certificatesigningrequests'], ['DELETE'], 'Cluster'),
    ],
    [
      {
        expression: "request.resource.resource != 'secrets' || !has(object.type) || object.type != 'kubernetes.io/service-account-token'",
        message: 'this account may not ask for tokens of other accounts',
      },
      {
        expression: `request.resource.resource != 'tenants' || (has(object.spec.clusterID) && object.spec.clusterID == '${homeClusterId}')`,
        message: `this account speaks for the cluster ${homeClusterId} only`,
      },
      {
        expression:
          "request.resource.resource != 'certificatesigningrequests' || (has(oldObject.metadata.labels) && 'liqo.io/remote-tenant-csr' in oldObject.metadata.labels && has(oldObject.status.certificate))",
        message: 'of certificate requests this account may delete only those for which Liqo has issued the certificate',
      },
    ],
  );
