import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const outside = new Set(['node_modules', 'dist', '.git']);

const under = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (outside.has(entry.name)) return [];
    const place = join(folder, entry.name);
    return entry.isDirectory() ? [`${relative(root, place)}/`, ...under(place)] : [relative(root, place)];
  });
const places = under(root);
const documents = places.filter((place) => place.endsWith('.md'));

/** As a whole path, or as its end: in the table of a migration the folder is that of the file before. */
const isThere = (name: string): boolean => places.some((place) => place === name || place.endsWith(`/${name}`));

const inCode = (text: string): string[] => text.split('`').filter((_, index) => index % 2 === 1);
const sources = (text: string): string[] => inCode(text).flatMap((code) => code.match(/^[\w./-]+\.(ts|tsx|mjs|cjs)\b/g) ?? []);

test('every source file that a document names is there', () => {
  const missing = documents.flatMap((document) =>
    sources(readFileSync(join(root, document), 'utf8'))
      .filter((name) => !isThere(name))
      .map((name) => `${document}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test('every link of a document leads somewhere', () => {
  const broken = documents.flatMap((document) =>
    [...readFileSync(join(root, document), 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(root, dirname(document), target)))
      .map((target) => `${document}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every file and folder of the tree in ARCHITECTURE.md is there', () => {
  const [, tree = ''] = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('```');
  const named = [...tree.matchAll(/(?<![\w/])(?:[\w-]+\/)+|[\w-]+\.ts\b/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((name) => !isThere(name))).toEqual([]);
});
