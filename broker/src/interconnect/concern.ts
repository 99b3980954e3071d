// Whom a circuit concerns: the providers whose way from home goes over it.
import { type Circuit, isStanding, membersOf } from './lan.ts';

/** Clusters that stand behind the circuit as seen from `home`. What is home's own concerns nobody: it is the same whoever the provider is. */
export const concernedBy = (circuit: Circuit, all: readonly Circuit[], home: string): readonly string[] => {
  const circuits = all.filter((one) => one.lan === circuit.lan && isStanding(one));
  const placesOf = (member: string): readonly string[] => circuits.flatMap((one) => (one.kind === 'attachment' && one.member === member ? [one.exchange] : []));
  const others = membersOf(circuits).filter((member) => member !== home);
  if (circuit.kind === 'attachment') return others.filter((member) => member === circuit.member);
  const [homeExchange] = placesOf(home);
  if (circuit.kind === 'segment') {
    const without =
      homeExchange === circuit.exchange
        ? null
        : reachedFrom(
            homeExchange,
            circuits.filter((one) => one.exchange !== circuit.exchange),
          );
    return others.filter((member) => placesOf(member).some((exchange) => exchange === circuit.exchange || without?.has(exchange) === false));
  }
  const without = reachedFrom(
    homeExchange,
    circuits.filter((one) => one.kind !== 'spliceEnd' || one.member !== circuit.member),
  );
  return others.filter((member) => placesOf(member).some((exchange) => !without.has(exchange)));
};

/** Exchanges that splices join with this one. */
const reachedFrom = (exchange: string | undefined, circuits: readonly Circuit[]): ReadonlySet<string> => {
  const reached = new Set(exchange === undefined ? [] : [exchange]);
  const ends = circuits.filter(({ kind }) => kind === 'spliceEnd');
  // grows while it is walked
  for (const at of reached)
    for (const here of ends.filter((end) => end.exchange === at)) for (const there of ends) if (there.member === here.member) reached.add(there.exchange);
  return reached;
};
