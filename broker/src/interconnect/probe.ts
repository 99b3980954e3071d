// The small pods at home that ping the others' addresses on a LAN before anything is peered: there is no pod of ours at a provider yet.
import type { Circuit, Lan } from './lan.ts';

export type LanProbe = {
  readonly namespace: string;
  readonly name: string;
  readonly operation: string;
  readonly image: string;
  readonly lan: Pick<Lan, 'id'>;
  /** Liqo cluster id of the member that is measured. */
  readonly peer: string;
  readonly address: string;
  /** Bytes of whole packets, largest first. */
  readonly sizes: readonly number[];
};

/** Within 63 characters; `hanse-probe-`: nobody's application. */
export const lanProbeNamespace = (operation: string): string =>
  `hanse-probe-lan-${operation
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(-16)}`;

export const lanProbeName = ({ member }: Pick<Circuit, 'member'>): string => `ping-${member}`.slice(0, 63);

const labelsOf = (operation: string) => ({ 'app.kubernetes.io/managed-by': 'hanse', 'hanse.dev/operation': operation });

/** Raw sockets are beyond what the two stricter Pod Security Standards let a pod ask for. */
export const lanProbeSpace = (operation: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: lanProbeNamespace(operation), labels: { ...labelsOf(operation), 'pod-security.kubernetes.io/enforce': 'privileged' } },
});

const pings = 20;
/** What the script takes at most, with every answer missing, and the start of a pod. */
export const probeSecondsMax = 90;

/**
 * busybox' ping wants a raw socket, so root and NET_RAW, and nothing else. It cannot forbid fragments: Linux does (DF is set) up to the MTU that it knows of a way, and counts what it breaks up in
 * FragCreates, so that a size passes only if this did not grow. The node with the LAN's address is preferred: the others have no way there of their own.
 */
export const lanProbe = ({ namespace, name, operation, image, lan, peer, address, sizes }: LanProbe) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { ...labelsOf(operation), 'hanse.dev/measures': peer } },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, preference: { matchExpressions: [{ key: 'hanse.dev/lan', operator: 'In', values: [lan.id] }] } },
        ],
      },
    },
    securityContext: { runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'probe',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['/bin/sh', '-c', script],
        env: Object.entries({ PEER: address, COUNT: String(pings), SIZES: sizes.join(' ') }).map(([key, value]) => ({ name: key, value })),
        resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'], add: ['NET_RAW'] } },
      },
    ],
  },
});

/** Old busybox takes whole seconds between two pings only. 28: headers of IPv4 and ICMP. */
const script = `
own=$(cat /sys/class/net/eth0/mtu 2>/dev/null)
ping='ping -q -W 1'
$ping -c 1 -i 0.2 127.0.0.1 >/dev/null 2>&1 && ping="$ping -i 0.2"
ask() { out=$($ping -c "$1" -s "$2" "$PEER" 2>&1); received=$(echo "$out" | sed -n 's/.* \\([0-9]*\\) packets received.*/\\1/p'); }
broken() { while read -r ip _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ made _; do [ "$ip" = Ip: ] && last=$made; done < /proc/net/snmp; echo "$last"; }
ask "$COUNT" 56
if [ -z "$received" ]; then echo "error=$(echo "$out" | tail -n 1 | cut -c 1-200)" > /dev/termination-log; exit; fi
answered=$received; mtu=
rtt=$(echo "$out" | sed -n 's,.*min/avg/max = [0-9.]*/\\([0-9.]*\\)/.*,\\1,p')
[ "$answered" = 0 ] || for size in $SIZES; do
  before=$(broken); ask 2 $(( size - 28 ))
  [ "\${received:-0}" != 0 ] && [ "$(broken)" = "$before" ] && mtu=$size && break
done
echo "own=$own sent=$COUNT received=$answered rtt=$rtt mtu=$mtu" > /dev/termination-log
`;
