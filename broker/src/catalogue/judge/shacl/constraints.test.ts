import { expect, test } from 'vitest';
import { graphOf } from '../rdf.ts';
import { compileShapes } from './shapes.ts';
import { parseTurtle } from './turtle.ts';

const triples = (turtle: string) => {
  const parsed = parseTurtle(`@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . ${turtle}`);
  if ('reason' in parsed) throw new Error(parsed.reason);
  return parsed.triples;
};

test.each([
  ['true', 1],
  ['"1"^^xsd:boolean', 0],
  ['false', 0],
])('languages are unique where uniqueLang is %s', (value, count) => {
  const shapes = compileShapes(triples(`<urn:s> a sh:NodeShape ; sh:targetNode <urn:a> ; sh:property [ sh:path <urn:p> ; sh:uniqueLang ${value} ] .`));
  expect(shapes.validate(graphOf(triples('<urn:a> <urn:p> "x"@de , "y"@de .')))).toHaveLength(count);
});
