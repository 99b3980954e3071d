// Who may do what: service account tokens bound to their anchor, and rights by Role. Admission policies (CEL) are not simulated.
import { randomUUID } from 'node:crypto';
import { isPlain, type Plain } from './fields.ts';
import { rows, text } from './controllers/read.ts';
import type { Stored } from './object.ts';
import type { Objects } from './objects.ts';

export type Attributes = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
};

type Token = { readonly user: string; readonly groups: readonly string[]; readonly anchor: { readonly namespace: string; readonly uid: string } | null };
export type User = Pick<Token, 'user' | 'groups'>;

export class Access {
  readonly adminToken = randomUUID();
  readonly #tokens = new Map<string, Token>([[this.adminToken, { user: 'admin', groups: ['system:masters'], anchor: null }]]);
  readonly #objects: Objects;
  constructor(objects: Objects) {
    this.#objects = objects;
  }

  who(token: string): User | null {
    const found = this.#tokens.get(token);
    if (!found) return null;
    const { anchor } = found;
    if (anchor && !this.#objects.all('v1', 'Secret', anchor.namespace).some((s) => s.metadata.uid === anchor.uid)) return null;
    return found;
  }

  /** For a service account; ends with the object it is bound to. */
  issue(namespace: string, account: string, boundTo: unknown): string {
    const token = randomUUID();
    const uid = text(boundTo, 'uid');
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
    this.#tokens.set(token, { user: `system:serviceaccount:${namespace}:${account}`, groups, anchor: uid ? { namespace, uid } : null });
    return token;
  }

  allows(user: User, asked: Attributes): boolean {
    if (user.groups.includes('system:masters')) return true;
    const wide = this.#objects.all('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding').filter((b) => isSubject(b, user));
    const local =
      asked.namespace === undefined ? [] : this.#objects.all('rbac.authorization.k8s.io/v1', 'RoleBinding', asked.namespace).filter((b) => isSubject(b, user));
    return [...wide, ...local].some((binding) => this.#rules(binding).some((rule) => grants(rule, asked)));
  }

  #rules(binding: Stored): Plain[] {
    const kind = text(binding, 'roleRef.kind');
    const role = this.#objects.find(
      'rbac.authorization.k8s.io/v1',
      kind,
      kind === 'Role' ? binding.metadata.namespace : undefined,
      text(binding, 'roleRef.name'),
    );
    return rows(role, 'rules');
  }
}

const isSubject = (binding: Stored, { user, groups }: User): boolean =>
  rows(binding, 'subjects').some((s) =>
    s.kind === 'ServiceAccount'
      ? `system:serviceaccount:${text(s, 'namespace')}:${text(s, 'name')}` === user
      : s.kind === 'Group'
        ? groups.includes(text(s, 'name'))
        : s.name === user,
  );

function grants(rule: unknown, { verb, group, resource, name }: Attributes): boolean {
  const has = (field: string, value: string): boolean => {
    const list = isPlain(rule) ? rule[field] : undefined;
    return Array.isArray(list) && (list.includes(value) || list.includes('*'));
  };
  const names = isPlain(rule) && Array.isArray(rule.resourceNames) ? rule.resourceNames : [];
  return has('verbs', verb) && has('apiGroups', group) && has('resources', resource) && (names.length === 0 || (name !== undefined && names.includes(name)));
}
