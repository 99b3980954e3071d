import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits, readManifests } from './readManifests.ts';

const read = (text: string, file = 'app.yaml') => readManifests([{ file, text }]);
const only = (text: string) => {
  const { manifests, faults } = read(text);
  expect(faults).toEqual([]);
  const [first, ...others] = manifests;
  if (!first || others.length > 0) throw new Error(`${manifests.length} objects`);
  return first;
};
const config = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n${data}\n`;

describe('reading manifests', () => {
  it('tells file and line of each object and each field', () => {
    const { manifests } = read(
      '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n---\n# a comment\napiVersion: v1\nkind: Service\nmetadata:\n  name: two\nspec:\n  ports:\n    - port: 80\n',
    );
    expect(manifests.map(({ manifest, file, line }) => [manifest.metadata.name, file, line])).toEqual([
      ['one', 'app.yaml', 2],
      ['two', 'app.yaml', 8],
    ]);
    expect(manifests[1]?.lineOf(['spec', 'ports', 0, 'port'])).toBe(14);
    expect(manifests[1]?.lineOf(['spec', 'nowhere'])).toBe(13);
  });

  it('reads what kubectl reads: octal numbers and yes, but dates and 12:30 stay text', () => {
    const { manifest } = only(config('mode: 0644\nflag: yes\ntime: 12:30\ndate: 2026-11-22\nempty:\n'));
    expect(manifest).toMatchObject({ mode: 420, flag: true, time: '12:30', date: '2026-11-22', empty: null });
  });

  it('opens lists, also inside lists, and merges anchors', () => {
    const { manifests, faults } = read(`
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
  - apiVersion: v1
    kind: ConfigMapList
    items:
      - apiVersion: v1
        kind: ConfigMap
        metadata: {name: b, labels: &l {x: "1"}}
        data: {<<: *l, z: "2"}
`);
    expect(faults).toEqual([]);
    expect(manifests.map(({ manifest, line }) => [manifest.metadata.name, line])).toEqual([
      ['a', 5],
      ['b', 9],
    ]);
    expect(manifests[1]?.manifest['data']).toEqual({ x: '1', z: '2' });
  });

  it('reads JSON, with tabs too', () => {
    expect(only('{\n\t"apiVersion": "v1",\n\t"kind": "ConfigMap",\n\t"metadata": {"name": "j"},\n\t"data": {"a": "x\\ty"}\n}').manifest['data']).toEqual({
      a: 'x\ty',
    });
  });

  it.each([
    ['a duplicate key', config('data: {a: "1", a: "2"}'), /unique/, 4],
    ['a duplicate key in JSON', '{"apiVersion":"v1",\n"kind":"ConfigMap",\n"kind":"Secret","metadata":{"name":"x"}}', /unique/, 3],
    ['broken YAML', 'apiVersion: v1\nkind: [\n', /./, 3],
    ['no kind', 'apiVersion: v1\nmetadata: {name: x}\n', /kind/, 1],
    ['no name', 'apiVersion: v1\nkind: Secret\nmetadata: {}\n', /metadata.name/, 3],
    ['a name of capitals', 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: Big\n', /lower case/, 4],
    ['generateName', 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n  generateName: x-\n', /fixed names/, 5],
    ['finalizers', 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n  finalizers: [a]\n', /keep the application from being deleted/, 5],
    ['a number as a label', 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n  labels: {a: 1}\n', /in quotes/, 5],
    ['a number too large', config('more: 123456789012345678901'), /exactly/, 4],
    ['not a number', config('more: .nan'), /exactly/, 4],
    ['an unknown tag', config('more: !evil x'), /tag/i, 4],
    ['an unknown alias', config('more: *none'), /alias without an anchor/, 1],
    ['a key that YAML takes for a truth', config('data: {y: "1"}'), /key y would be read as true/, 4],
    ['a key that YAML takes for an octal number', config('data: {0644: "1"}'), /key 0644 would be read as 420/, 4],
    ['only text', 'hello', /object/i, 1],
    ['nothing', '# empty\n---\n', /no Kubernetes object/, undefined],
    ['__proto__', config('more: {__proto__: {a: b}}'), /__proto__/, 4],
  ])('refuses %s with place and reason', (_what, text, message, line) => {
    const { faults } = read(text);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults[0]?.message).toMatch(message);
    expect(faults[0]?.place?.line).toBe(line);
  });

  it('refuses two objects of one kind and name, whatever their version', () => {
    const { faults } = read(
      'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\n---\napiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\n',
    );
    expect(faults[0]?.message).toMatch(/twice: first in app.yaml, line 1/);
  });

  it('ends quickly on bombs: aliases that multiply, nesting without end, files without end', () => {
    const laughs = `a: &a ["lol","lol","lol","lol","lol","lol","lol","lol","lol"]\n${'bcdefghi'
      .split('')
      .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
      .join('\n')}`;
    expect(read(config(laughs)).faults[0]?.message).toMatch(/aliases/);
    expect(read(`${'['.repeat(5000)}`).faults.length).toBeGreaterThan(0);
    expect(read(config(`more: ${'['.repeat(limits.depth + 2)}${']'.repeat(limits.depth + 2)}`)).faults[0]?.message).toMatch(/nested/);
    expect(read('x'.repeat(limits.fileCharacters + 1)).faults[0]?.message).toMatch(/at most/);
    expect(
      read(Array.from({ length: limits.objects + 1 }, (_, index) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${index}}`).join('\n---\n')).faults[0]
        ?.message,
    ).toMatch(/at most 500/);
  });

  it('leaves out what only a server writes', () => {
    const { manifest } = only('apiVersion: v1\nkind: Service\nmetadata: {name: x, uid: u, resourceVersion: "1", managedFields: []}\nstatus: {a: 1}\n');
    expect(manifest).toEqual({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' } });
  });

  it('never throws, whatever the text, and every fault says something', () => {
    const pieces = fc.constantFrom(
      'apiVersion: v1',
      'kind: Secret',
      'metadata:',
      '  name: x',
      '- ',
      '---',
      '[',
      '{',
      '}',
      ': ',
      '&a ',
      '*a',
      '"',
      "'",
      '\n',
      '\t',
      '  ',
      '|',
      '>',
      '!!',
      '%YAML 1.1',
      '<<',
      '?',
      '\u0000',
      '🐟',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 200 }),
          fc.array(pieces, { maxLength: 40 }).map((list) => list.join('')),
        ),
        (text) => {
          const { manifests, faults } = read(text);
          expect(manifests.length + faults.length).toBeGreaterThan(0);
          for (const { message } of faults) expect(message.length).toBeGreaterThan(5);
        },
      ),
      { numRuns: 600 },
    );
  });

  it('reads back any JSON object exactly as it was written', () => {
    const data = fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
      fc.jsonValue({ maxDepth: 4 }),
      { maxKeys: 5 },
    );
    fc.assert(
      fc.property(data, (value) => {
        const text = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: value });
        const parsed: unknown = JSON.parse(text);
        const { manifests, faults } = read(text, 'x.json');
        const numbers = JSON.stringify(value).match(/-?\d{16,}|e[+-]?\d+/gi);
        if (faults.length === 0) expect(manifests[0]?.manifest).toEqual(parsed);
        else expect(numbers ?? JSON.stringify(value).includes('__proto__')).toBeTruthy();
      }),
      { numRuns: 500 },
    );
  });
});
