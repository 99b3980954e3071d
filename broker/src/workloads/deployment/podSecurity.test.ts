import { describe, expect, it } from 'vitest';
import { checkBaseline } from './podSecurity.ts';
import { readPods } from './podTemplate.ts';

const check = (spec: object, annotations: Record<string, string> = {}) => {
  const reading = readPods({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', annotations }, spec: { containers: [{ name: 'c' }], ...spec } });
  if (reading.kind !== 'pods') throw new Error(JSON.stringify(reading));
  return checkBaseline(reading.spec, reading.annotations);
};
const container = (fields: object) => ({ containers: [{ name: 'c', ...fields }] });

describe('the baseline Pod Security Standard', () => {
  it.each<[string, object, string]>([
    ['HostProcess', { securityContext: { windowsOptions: { hostProcess: true } } }, 'securityContext.windowsOptions.hostProcess'],
    ['HostProcess', container({ securityContext: { windowsOptions: { hostProcess: true } } }), 'containers.0.securityContext.windowsOptions.hostProcess'],
    ['Host Namespaces', { hostNetwork: true }, 'hostNetwork'],
    ['Host Namespaces', { hostPID: true }, 'hostPID'],
    ['Host Namespaces', { hostIPC: true }, 'hostIPC'],
    ['Privileged Containers', container({ securityContext: { privileged: true } }), 'containers.0.securityContext.privileged'],
    ['Privileged Containers', { initContainers: [{ name: 'i', securityContext: { privileged: true } }] }, 'initContainers.0.securityContext.privileged'],
    [
      'Privileged Containers',
      { ephemeralContainers: [{ name: 'i', securityContext: { privileged: true } }] },
      'ephemeralContainers.0.securityContext.privileged',
    ],
    ['Capabilities', container({ securityContext: { capabilities: { add: ['CHOWN', 'SYS_ADMIN'] } } }), 'containers.0.securityContext.capabilities.add.1'],
    ['Capabilities', container({ securityContext: { capabilities: { add: ['NET_RAW'] } } }), 'containers.0.securityContext.capabilities.add.0'],
    ['HostPath Volumes', { volumes: [{ name: 'v', hostPath: { path: '/' } }] }, 'volumes.0.hostPath'],
    ['Host Ports', container({ ports: [{ containerPort: 80, hostPort: 80 }] }), 'containers.0.ports.0.hostPort'],
    [
      'Host Probes / Lifecycle Hooks',
      container({ livenessProbe: { httpGet: { host: '169.254.169.254', port: 80 } } }),
      'containers.0.livenessProbe.httpGet.host',
    ],
    [
      'Host Probes / Lifecycle Hooks',
      container({ lifecycle: { preStop: { tcpSocket: { host: 'x', port: 80 } } } }),
      'containers.0.lifecycle.preStop.tcpSocket.host',
    ],
    ['AppArmor', { securityContext: { appArmorProfile: { type: 'Unconfined' } } }, 'securityContext.appArmorProfile.type'],
    ['SELinux', container({ securityContext: { seLinuxOptions: { type: 'spc_t' } } }), 'containers.0.securityContext.seLinuxOptions.type'],
    ['SELinux', { securityContext: { seLinuxOptions: { user: 'root' } } }, 'securityContext.seLinuxOptions.user'],
    ['SELinux', { securityContext: { seLinuxOptions: { role: 'r' } } }, 'securityContext.seLinuxOptions.role'],
    ['/proc Mount Type', container({ securityContext: { procMount: 'Unmasked' } }), 'containers.0.securityContext.procMount'],
    ['Seccomp', { securityContext: { seccompProfile: { type: 'Unconfined' } } }, 'securityContext.seccompProfile.type'],
    ['Sysctls', { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }, 'securityContext.sysctls.0'],
  ])('refuses %s and names the field', (control, spec, path) => {
    expect(check(spec).map((violation) => [violation.control, violation.path.join('.')])).toEqual([[control, path]]);
  });

  it('refuses AppArmor switched off by the old annotation', () => {
    expect(check({}, { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' })).toMatchObject([{ control: 'AppArmor' }]);
    expect(check({}, { 'container.apparmor.security.beta.kubernetes.io/c': 'localhost/x' })).toEqual([]);
  });

  it('allows what the standard allows', () => {
    expect(
      check({
        hostNetwork: false,
        securityContext: {
          seccompProfile: { type: 'RuntimeDefault' },
          seLinuxOptions: { type: 'container_t', level: 's0' },
          sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }],
          runAsUser: 0,
        },
        volumes: [{ name: 'v', emptyDir: {} }],
        ...container({
          ports: [{ containerPort: 80, hostPort: 0 }],
          securityContext: { privileged: false, capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] }, procMount: 'Default' },
          livenessProbe: { httpGet: { host: '', port: 80 } },
        }),
      }),
    ).toEqual([]);
  });
});
