// As much of the OpenAPI documents as kubectl asks for before it applies: that every kind takes `fieldValidation`, so that the server validates.
import type { Plain } from './fields.ts';
import { apiVersionOf, kinds } from './kinds.ts';

const pathOf = (apiVersion: string): string => (apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`);

export function openapi(path: string): Plain | null {
  const versions = [...new Set(kinds.map(apiVersionOf))];
  if (path === '/openapi/v3')
    return { paths: Object.fromEntries(versions.map((version) => [pathOf(version), { serverRelativeURL: `/openapi/v3/${pathOf(version)}` }])) };
  const version = versions.find((each) => path === `/openapi/v3/${pathOf(each)}`);
  if (version === undefined) return null;
  const here = kinds.filter((kind) => apiVersionOf(kind) === version);
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({ name, in: 'query', schema: { type: 'string' } }));
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1' },
    paths: Object.fromEntries(
      here.map(({ group, version: v, kind, plural, namespaced }) => [
        `/${pathOf(version)}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}/{name}`,
        { patch: { 'x-kubernetes-action': 'patch', 'x-kubernetes-group-version-kind': { group, version: v, kind }, parameters, responses: {} } },
      ]),
    ),
    components: { schemas: {} },
  };
}
