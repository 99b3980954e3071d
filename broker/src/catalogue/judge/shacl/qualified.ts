// How many values are of a kind (SHACL §4.7.3).
import type { Term } from '../rdf.ts';
import type { Made, Reading } from './constraints.ts';
import { isTrue, wholeOf } from './datatype.ts';
import { conforms } from './shape.ts';

export function qualified(name: 'Min' | 'Max', term: Term, { parameters, siblings, shapeOf }: Reading): Made {
  const asked = wholeOf(term);
  const [given] = parameters.get('qualifiedValueShape') ?? [];
  if (asked === null) return null;
  // without what it counts the parameter asks for nothing (§3.4.3)
  if (given === undefined) return () => [];
  const shape = shapeOf(given);
  const others = isTrue(parameters.get('qualifiedValueShapesDisjoint')?.[0]) ? siblings.map(shapeOf) : [];
  return (at) => {
    const answers = at.values.map((value) => countedAs(conforms(shape, value, at), () => others.map((other) => conforms(other, value, at))));
    const yes = answers.filter((answer) => answer === 'yes').length;
    const open = answers.filter((answer) => answer === 'open').length;
    const component = `Qualified${name}Count`;
    const isMet = name === 'Min' ? yes >= asked : yes + open <= asked;
    const isOpen = name === 'Min' ? yes + open >= asked : yes <= asked;
    return isMet
      ? []
      : [{ component, value: null, isOpen, reason: `has ${yes} values of the kind, ${name === 'Min' ? 'at least' : 'at most'} ${asked} asked for` }];
  };
}

type Answer = ReturnType<typeof conforms>;
/** Whoever is of the kind of a sibling is not counted (§4.7.3). */
function countedAs(answer: Answer, bySiblings: () => readonly Answer[]): Answer {
  if (answer === 'no') return 'no';
  const others = bySiblings();
  if (others.includes('yes')) return 'no';
  return others.includes('open') ? 'open' : answer;
}
