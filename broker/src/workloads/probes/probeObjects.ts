// The small pods that measure how long an endpoint's coming and going takes to reach every sender; unprivileged, in a namespace of their own.
import { termsOf } from '../deployment/affinity.ts';

export type ProbeImage = { readonly image: string; readonly pullPolicy: 'IfNotPresent' | 'Always' | 'Never' };
/** A cluster as pods are bound to it: its Liqo cluster id; null: the home cluster's own nodes. */
export type ProbePlace = { readonly cluster: string; readonly id: string | null };

export const probeLabel = 'hanse.dev/probe';
export const echo = 'echo';
export const port = 8080;

export const probePrefix = 'hanse-probe-';

/** Liqo appends the home's cluster id to the name; both together have to stay within 63 characters. */
export const probeNamespace = (operation: string): string => {
  const id = operation.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return `${probePrefix}${id.slice(-16)}`;
};

export const probeService = (namespace: string, labels: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: echo, namespace, labels: { ...labels } },
  spec: { selector: { [probeLabel]: echo }, ports: [{ name: 'http', port, targetPort: port }] },
});

export type ProbePod = {
  readonly name: string;
  readonly namespace: string;
  readonly place: ProbePlace;
  readonly labels: Readonly<Record<string, string>>;
  readonly probe: ProbeImage;
};

/** Answers with its own name: the node writes it into /etc/hostname. */
export const responder = (pod: ProbePod) =>
  probePod(pod, `exec httpd -f -p ${port} -h /etc`, { restartPolicy: 'Always', readinessProbe: { httpGet: { path: '/hostname', port }, periodSeconds: 1 } });

export const sender = (pod: ProbePod) => probePod(pod, senderScript, { restartPolicy: 'Never' });

function probePod(
  { name, namespace, place, labels, probe }: ProbePod,
  script: string,
  { restartPolicy, ...more }: { restartPolicy: string; [field: string]: unknown },
) {
  const nodeSelectorTerms = termsOf(place.id === null ? { remote: [], home: true } : { remote: [place.id], home: false });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { ...labels } },
    spec: {
      restartPolicy,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
      // the restricted Pod Security Standard
      securityContext: { runAsNonRoot: true, runAsUser: 65_534, runAsGroup: 65_534, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'probe',
          image: probe.image,
          imagePullPolicy: probe.pullPolicy,
          command: ['/bin/sh', '-c', script],
          resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          ...more,
        },
      ],
    },
  };
}

/** Without the endpoint that goes for so long: it is gone. In hundredths of a second. */
const quiet = 400;
/** Without the endpoint that should come for so long after the other went: it does not come here. In hundredths of a second. */
const patience = 2000;
/** A sender ends by itself after so long, whatever it saw. In hundredths of a second. */
export const senderLimit = 6000;

/**
 * Asks on a fresh connection about fifteen times a second and reports, in milliseconds since 1970 by its node's clock, when `arriving` answered first and `leaving` last (0: never),
 * and how many requests failed of how many, from the first that was answered on. `date` has whole seconds only, /proc/uptime hundredths: joined at the turn of a second.
 * nc instead of wget: a statically linked busybox has a wget that crashes when it looks a name up.
 */
const senderScript = `
host=\${ECHO_SERVICE_HOST:-${echo}}
s=$(date +%s); while [ "$(date +%s)" = "$s" ]; do :; done
read -r u _ < /proc/uptime; base=$(( (s + 1) * 100 - \${u%.*}\${u#*.} ))
clock() { read -r u _ < /proc/uptime; now=$(( base + \${u%.*}\${u#*.} )); }
clock; end=$(( now + ${senderLimit} )); first=0; last=0; failed=0; sent=0
while [ $now -lt $end ]; do
  name=$(printf 'GET /hostname HTTP/1.0\\r\\n\\r\\n' | nc -w 1 "$host" ${port} 2>/dev/null | tail -n 1)
  clock
  if [ -n "$name" ]; then sent=$(( sent + 1 )); elif [ $sent != 0 ]; then sent=$(( sent + 1 )); failed=$(( failed + 1 )); fi
  case $name in leaving) last=$now;; arriving) [ $first = 0 ] && first=$now;; esac
  [ $first != 0 ] && [ $(( now - last )) -gt ${quiet} ] && break
  [ $last != 0 ] && [ $(( now - last )) -gt ${patience} ] && break
  sleep 0.05
done
echo "\${first}0 \${last}0 $failed $sent" > /dev/termination-log
`;
