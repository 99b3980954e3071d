// The Kubernetes Pod Security Standard "baseline", field by field: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline (v1.35).
// Checked before anything is applied, because the API server's own check of a namespace only warns about Deployments and refuses their pods later.
import { at, isFields, listOf } from '../json.ts';
import { allContainers, type PodSpec } from './podTemplate.ts';

export type Violation = { readonly control: string; readonly message: string; readonly path: readonly (string | number)[] };

type Rule = { readonly control: string; readonly field: readonly string[]; readonly allows: (value: unknown) => boolean };

const isUnset = (value: unknown): boolean => value === undefined || value === null || value === false || value === '' || value === 0;
const oneOf =
  (...values: readonly unknown[]) =>
  (value: unknown): boolean =>
    value === undefined || value === null || values.includes(value);

const capabilities = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];
const sysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
];

/** Of the pod and of each container alike, below their securityContext. */
const shared: readonly Rule[] = [
  { control: 'HostProcess', field: ['windowsOptions', 'hostProcess'], allows: isUnset },
  { control: 'AppArmor', field: ['appArmorProfile', 'type'], allows: oneOf('RuntimeDefault', 'Localhost') },
  { control: 'SELinux', field: ['seLinuxOptions', 'type'], allows: oneOf('', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t') },
  { control: 'SELinux', field: ['seLinuxOptions', 'user'], allows: isUnset },
  { control: 'SELinux', field: ['seLinuxOptions', 'role'], allows: isUnset },
  { control: 'Seccomp', field: ['seccompProfile', 'type'], allows: oneOf('RuntimeDefault', 'Localhost') },
];
const ofPod: readonly Rule[] = [
  { control: 'Host Namespaces', field: ['hostNetwork'], allows: isUnset },
  { control: 'Host Namespaces', field: ['hostPID'], allows: isUnset },
  { control: 'Host Namespaces', field: ['hostIPC'], allows: isUnset },
];
const ofContainer: readonly Rule[] = [
  { control: 'Privileged Containers', field: ['securityContext', 'privileged'], allows: isUnset },
  { control: '/proc Mount Type', field: ['securityContext', 'procMount'], allows: oneOf('', 'Default') },
];
const handlers = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** Paths are relative to the pod's spec. Empty: the pod meets the baseline. */
export function checkBaseline(spec: PodSpec, annotations: Readonly<Record<string, string>>): Violation[] {
  const below = (rules: readonly Rule[]): Rule[] => rules.map((rule) => ({ ...rule, field: ['securityContext', ...rule.field] }));
  return [
    ...check(spec, [...ofPod, ...below(shared)], []),
    ...sysctlViolations(spec),
    ...volumeViolations(spec),
    ...appArmorAnnotations(annotations),
    ...allContainers(spec).flatMap(({ container, path }) => [
      ...check(container, [...ofContainer, ...below(shared)], path),
      ...capabilityViolations(container, path),
      ...portViolations(container, path),
      ...hostHandlers(container, path),
    ]),
  ];
}

function check(subject: unknown, rules: readonly Rule[], path: readonly (string | number)[]): Violation[] {
  return rules.flatMap(({ control, field, allows }) => {
    const found = at(subject, field);
    return allows(found) ? [] : [{ control, message: `${field.join('.')} may not be ${shown(found)}`, path: [...path, ...field] }];
  });
}

const shown = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'what it is');

function sysctlViolations(spec: PodSpec): Violation[] {
  return listOf(at(spec, ['securityContext', 'sysctls'])).flatMap((item, index) => {
    const name = at(item, ['name']);
    return typeof name === 'string' && sysctls.includes(name)
      ? []
      : [{ control: 'Sysctls', message: `sysctl ${shown(name)} may not be set`, path: ['securityContext', 'sysctls', index] }];
  });
}

function volumeViolations(spec: PodSpec): Violation[] {
  return spec.volumes.flatMap((volume, index) =>
    volume['hostPath'] === undefined || volume['hostPath'] === null
      ? []
      : [{ control: 'HostPath Volumes', message: `volume ${volume.name} may not be a hostPath`, path: ['volumes', index, 'hostPath'] }],
  );
}

function appArmorAnnotations(annotations: Readonly<Record<string, string>>): Violation[] {
  return Object.entries(annotations)
    .filter(
      ([key, value]) => key.startsWith('container.apparmor.security.beta.kubernetes.io/') && value !== 'runtime/default' && !value.startsWith('localhost/'),
    )
    .map(([key, value]) => ({ control: 'AppArmor', message: `annotation ${key} may not be ${value}`, path: [] }));
}

function capabilityViolations(container: unknown, path: readonly (string | number)[]): Violation[] {
  return listOf(at(container, ['securityContext', 'capabilities', 'add'])).flatMap((name, index) =>
    typeof name === 'string' && capabilities.includes(name)
      ? []
      : [{ control: 'Capabilities', message: `capability ${shown(name)} may not be added`, path: [...path, 'securityContext', 'capabilities', 'add', index] }],
  );
}

function portViolations(container: { ports: readonly unknown[] }, path: readonly (string | number)[]): Violation[] {
  return container.ports.flatMap((port, index) =>
    isUnset(at(port, ['hostPort']))
      ? []
      : [{ control: 'Host Ports', message: `host port ${shown(at(port, ['hostPort']))} may not be used`, path: [...path, 'ports', index, 'hostPort'] }],
  );
}

/** "Host Probes / Lifecycle Hooks" of the standard, since Kubernetes 1.34. */
function hostHandlers(container: { readonly [key: string]: unknown }, path: readonly (string | number)[]): Violation[] {
  const places = [...handlers.map((field) => [field]), ['lifecycle', 'postStart'], ['lifecycle', 'preStop']];
  return places.flatMap((place) =>
    ['httpGet', 'tcpSocket'].flatMap((kind) => {
      const host = at(container, [...place, kind, 'host']);
      return isUnset(host) && !isFields(host)
        ? []
        : [
            {
              control: 'Host Probes / Lifecycle Hooks',
              message: `${[...place, kind].join('.')} may not name the host ${shown(host)}`,
              path: [...path, ...place, kind, 'host'],
            },
          ];
    }),
  );
}
