// What a site's node has to be told, as text: nothing here is applied by Hanse.
import type { Circuit, Lan } from './lan.ts';
import type { Site } from './topology.ts';

export const nodeConfigFormats = ['nmstate', 'netplan'] as const;
export type NodeConfigFormat = (typeof nodeConfigFormats)[number];

/** Pods of another member, by its address on the LAN: native routing. */
export type Route = { readonly to: string; readonly via: string };

export type NodeConfigOf = { readonly lan: Lan; readonly site: Site; readonly circuit: Circuit; readonly mtuBytes: number; readonly routes: readonly Route[] };

const prefix = (cidr: string): string => cidr.split('/')[1] ?? '';

/** Linux takes 15 characters. */
const nameOf = ({ site, circuit }: NodeConfigOf): string => `${site.interface}.${circuit.vlan}`;

/** Applied with kubernetes-nmstate; deleting the policy leaves the interface: apply it with `state: absent` first. */
const nmstate = (of: NodeConfigOf): string => {
  const { lan, site, circuit, mtuBytes, routes } = of;
  return `apiVersion: nmstate.io/v1
kind: NodeNetworkConfigurationPolicy
metadata:
  name: hanse-${lan.id}-${site.cluster}
spec:
  nodeSelector:
    hanse.dev/lan: "${lan.id}"
  desiredState:
    interfaces:
      - name: ${nameOf(of)}
        type: vlan
        state: up
        mtu: ${mtuBytes}
        vlan:
          base-iface: ${site.interface}
          id: ${circuit.vlan}
        ipv4:
          enabled: true
          dhcp: false
          address:
            - ip: ${circuit.ipv4}
              prefix-length: ${prefix(lan.ipv4)}
        ipv6:
          enabled: true
          dhcp: false
          autoconf: false
          address:
            - ip: "${circuit.ipv6}"
              prefix-length: ${prefix(lan.ipv6)}
${routes.length === 0 ? '' : `    routes:\n      config:\n${routes.map(({ to, via }) => `        - destination: ${to}\n          next-hop-address: ${via}\n          next-hop-interface: ${nameOf(of)}\n`).join('')}`}`;
};

const netplan = (of: NodeConfigOf): string => {
  const { lan, site, circuit, mtuBytes, routes } = of;
  return `network:
  version: 2
  vlans:
    ${nameOf(of)}:
      id: ${circuit.vlan}
      link: ${site.interface}
      mtu: ${mtuBytes}
      dhcp4: false
      dhcp6: false
      accept-ra: false
      link-local: []
      addresses:
        - ${circuit.ipv4}/${prefix(lan.ipv4)}
        - "${circuit.ipv6}/${prefix(lan.ipv6)}"
${routes.length === 0 ? '' : `      routes:\n${routes.map(({ to, via }) => `        - to: ${to}\n          via: ${via}\n`).join('')}`}`;
};

/** One address stands on one node of the site: label it `hanse.dev/lan=<id>` (nmstate), or lay the file on it alone (netplan). */
export const nodeConfig = (format: NodeConfigFormat, of: NodeConfigOf): string => (format === 'nmstate' ? nmstate(of) : netplan(of));
