// What Hanse itself knows of a member beside what is offered: what its API says, what was agreed, what was measured.
import type { Circuit, Lan } from '../../contract/src/index.ts';
import type { Own } from './Facts.tsx';
import type { Member } from './members.ts';
import { bytes, clock, cpu } from './words.ts';

export const ownFacts = (member: Member, lans: readonly Lan[]): readonly Own[] => {
  const { cluster, picture, peering } = member;
  if (cluster === null) return [];
  const free = picture?.own?.free;
  const runs = [cluster.kubernetesVersion.replace(/^v/, '').split('+')[0], cluster.liqoVersion && `Liqo ${cluster.liqoVersion}`].filter(Boolean).join(' · ');
  return [
    ...lans
      .flatMap(({ circuits }) => circuits.filter(({ kind, member: at, state }) => kind === 'attachment' && at === cluster.name && state !== 'ended'))
      .flatMap(wayFacts),
    ...(free ? [declared('free', `${cpu(free.cpuMillis)} · ${bytes(free.memoryBytes)}`, 'its API')] : []),
    ...(peering ? [declared('lends', `${cpu(peering.resources.cpuMillis)} · ${bytes(peering.resources.memoryBytes)}`, 'agreed')] : []),
    declared('runs', runs, 'its API'),
  ];
};

const declared = (name: string, value: string, source: string): Own => ({ group: 'technical', name, value, assurance: 'declared', source });

/** The way there from home: what the probes measured, and the circuit itself in the words of its exchange. */
const wayFacts = ({ measured, state, capacityMbps, messages }: Circuit): readonly Own[] => [
  ...(measured === null
    ? []
    : ([
        {
          group: 'locality',
          name: `to ${measured.from}`,
          value: measured.roundTripMs === null ? 'no answer' : `${Math.round(measured.roundTripMs * 10) / 10} ms`,
          assurance: 'measured',
          source: timeOf(measured),
        },
        { group: 'technical', name: 'loss', value: lossText(measured), assurance: 'measured', source: timeOf(measured) },
        ...(measured.mtuBytes === null
          ? []
          : ([{ group: 'technical', name: 'MTU', value: `${measured.mtuBytes} B`, assurance: 'measured', source: timeOf(measured) }] as const)),
      ] as const)),
  declared(
    'layer 2',
    [
      state,
      ...(capacityMbps === null ? [] : [capacityMbps >= 1000 ? `${capacityMbps / 1000} Gbit/s` : `${capacityMbps} Mbit/s`]),
      ...(state === 'ready' ? [] : messages),
    ].join(' · '),
    'exchange',
  ),
];

const lossText = ({ sent, received }: { readonly sent: number; readonly received: number }): string =>
  sent === 0 ? 'nothing sent' : `${Math.round(((sent - received) / sent) * 1000) / 10} %`;

const timeOf = ({ at }: { readonly at: string }): string => `at ${clock(at).slice(0, 5)}`;
