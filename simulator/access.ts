// Who may do what: service account tokens bound to their anchor, and rights by Role. Of admission policies (CEL) one sentence is understood.
import { createHmac, timingSafeEqual } from 'node:crypto';
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

type Claims = {
  readonly user: string;
  readonly groups: readonly string[];
  readonly anchor: { readonly namespace: string; readonly uid: string } | null;
  /** Milliseconds since 1970; null: never. */
  readonly endsAt: number | null;
};
export type User = Pick<Claims, 'user' | 'groups'>;

/** Tokens say themselves what they are for, under a key of the member: none has to be remembered. */
export class Access {
  readonly adminToken: string;
  readonly #objects: Objects;
  readonly #key: string;
  constructor(objects: Objects, key: string) {
    this.#objects = objects;
    this.#key = key;
    this.adminToken = this.#sign({ user: 'admin', groups: ['system:masters'], anchor: null, endsAt: null });
  }

  who(token: string): User | null {
    const claims = this.#verify(token);
    if (!claims || (claims.endsAt !== null && claims.endsAt < Date.now())) return null;
    const { anchor } = claims;
    if (anchor && !this.#objects.all('v1', 'Secret', anchor.namespace).some((s) => s.metadata.uid === anchor.uid)) return null;
    return claims;
  }

  /** For a service account; ends with the object it is bound to. */
  issue(namespace: string, account: string, boundTo: unknown, endsAt: number): string {
    const uid = text(boundTo, 'uid');
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
    return this.#sign({ user: `system:serviceaccount:${namespace}:${account}`, groups, anchor: uid ? { namespace, uid } : null, endsAt });
  }

  /** For a person or a program that another system lets in: a manager, an OAuth server. `endsAt` in milliseconds since 1970. */
  issueFor(user: User, endsAt: number | null): string {
    return this.#sign({ ...user, anchor: null, endsAt });
  }

  #seal(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('base64url');
  }
  #sign(claims: Claims): string {
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${body}.${this.#seal(body)}`;
  }
  #verify(token: string): Claims | null {
    const [body = '', seal = ''] = token.split('.');
    const [given, right] = [Buffer.from(seal), Buffer.from(this.#seal(body))];
    // sealed by this member alone
    return given.length === right.length && timingSafeEqual(given, right) ? (JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Claims) : null;
  }

  allows(user: User, asked: Attributes): boolean {
    if (user.groups.includes('system:masters')) return true;
    const wide = this.#objects.all('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding').filter((b) => isSubject(b, user));
    const local =
      asked.namespace === undefined ? [] : this.#objects.all('rbac.authorization.k8s.io/v1', 'RoleBinding', asked.namespace).filter((b) => isSubject(b, user));
    return [...wide, ...local].some((binding) => this.#rules(binding).some((rule) => grants(rule, asked)));
  }

  /** Why an admission policy of this user refuses what is to be made; null: none does. Only that tokens are not asked for by way of a Secret is read out of their CEL. */
  refusal(user: User, object: Plain): string | null {
    if (object.type !== TOKEN_SECRET) return null;
    const policies = this.#objects.all('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy');
    const its = policies.filter((policy) => rows(policy, 'spec.matchConditions').some((one) => text(one, 'expression').includes(`'${user.user}'`)));
    const said = its.flatMap((policy) => rows(policy, 'spec.validations')).find((one) => text(one, 'expression').includes(`'${TOKEN_SECRET}'`));
    return said ? text(said, 'message') : null;
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

const TOKEN_SECRET = 'kubernetes.io/service-account-token';

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
