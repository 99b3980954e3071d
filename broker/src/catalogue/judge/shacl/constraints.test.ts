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

const counted = (disjoint: boolean): string => `<urn:s> a sh:NodeShape ; sh:targetNode <urn:a> ; sh:targetSubjectsOf <urn:p> ;
  sh:property [ sh:path <urn:p> ; sh:qualifiedValueShape [ sh:class <urn:One> ] ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint ${disjoint} ] ;
  sh:property [ sh:path <urn:p> ; sh:qualifiedValueShape [ sh:class <urn:Other> ] ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint ${disjoint} ] .`;

test.each([
  ['is counted for each', '<urn:a> <urn:p> <urn:b> . <urn:b> a <urn:One> , <urn:Other> .', false, 0],
  ['is counted for none where their kinds are disjoint', '<urn:a> <urn:p> <urn:b> . <urn:b> a <urn:One> , <urn:Other> .', true, 2],
  ['and another of one kind: that one is met', '<urn:a> <urn:p> <urn:b> , <urn:c> . <urn:b> a <urn:One> , <urn:Other> . <urn:c> a <urn:One> .', true, 1],
])('a value that is of two kinds %s', (_, data, disjoint, count) => {
  const shapes = compileShapes(triples(counted(disjoint)));
  expect(shapes.unread).toEqual([]);
  expect(shapes.validate(graphOf(triples(data)))).toHaveLength(count);
});
