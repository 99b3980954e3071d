// kubectl create sends some kinds as protobuf only, and no server is asked in another way when it refuses. As much of the wire format as these kinds need
// (fields as in k8s.io/api and k8s.io/apimachinery, generated.proto).
import { Refused } from './object.ts';
import type { Plain } from './fields.ts';

type Shape = { readonly [field: number]: readonly [name: string, type: 'text' | 'base64' | 'texts' | 'base64s' | Shape] };

const metadata: Shape = { 1: ['name', 'text'], 2: ['generateName', 'text'], 3: ['namespace', 'text'], 11: ['labels', 'texts'], 12: ['annotations', 'texts'] };
const resourceAttributes: Shape = {
  1: ['namespace', 'text'],
  2: ['verb', 'text'],
  3: ['group', 'text'],
  4: ['version', 'text'],
  5: ['resource', 'text'],
  6: ['subresource', 'text'],
  7: ['name', 'text'],
};
const shapes: Readonly<Record<string, Shape>> = {
  Namespace: { 1: ['metadata', metadata] },
  ServiceAccount: { 1: ['metadata', metadata] },
  ConfigMap: { 1: ['metadata', metadata], 2: ['data', 'texts'], 3: ['binaryData', 'base64s'] },
  Secret: { 1: ['metadata', metadata], 2: ['data', 'base64s'], 3: ['type', 'text'], 4: ['stringData', 'texts'] },
  SelfSubjectAccessReview: { 1: ['metadata', metadata], 2: ['spec', { 1: ['resourceAttributes', resourceAttributes] }] },
};
const envelope: Shape = { 1: ['typeMeta', { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] }], 2: ['raw', 'base64'] };
const magic = Buffer.from('k8s\0');

/** The object as JSON would have it. Refused: another kind, or not in this format. */
export function readProtobuf(body: Buffer): Plain {
  if (!body.subarray(0, magic.length).equals(magic)) throw malformed();
  const { typeMeta = {}, raw = '' } = message(body.subarray(magic.length), envelope) as { typeMeta?: Plain; raw?: string }; // as the shape says
  const kind = String(typeMeta.kind);
  const shape = Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
  if (!shape)
    throw new Refused(
      415,
      'UnsupportedMediaType',
      `this simulated server reads no protobuf of ${kind}: write it with --dry-run=client -o json, and kubectl apply -f that - accepted media types include: application/json`,
    );
  return { ...typeMeta, ...message(Buffer.from(raw, 'base64'), shape) };
}

const malformed = (): Refused => new Refused(400, 'BadRequest', 'the object provided is unrecognized: it is not protobuf');

function message(bytes: Buffer, shape: Shape): Plain {
  const found: Plain = {};
  for (const [field, value] of fieldsOf(bytes)) {
    const [name, type] = shape[field] ?? [];
    if (name === undefined || type === undefined) continue;
    if (type === 'text') found[name] = value.toString('utf8');
    else if (type === 'base64') found[name] = value.toString('base64');
    else if (type === 'texts' || type === 'base64s') {
      const entry = message(value, { 1: ['key', 'text'], 2: ['value', type === 'texts' ? 'text' : 'base64'] });
      found[name] = { ...(found[name] as Plain | undefined), [String(entry.key)]: entry.value ?? '' };
    } else found[name] = message(value, type);
  }
  return found;
}

/** Fields with a length; numbers are passed over. */
function* fieldsOf(bytes: Buffer): Generator<readonly [number, Buffer]> {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw malformed();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw malformed();
  };
  while (at < bytes.length) {
    const tag = number();
    const wire = tag % 8;
    if (wire === 0) number();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const end = number() + at;
      if (end > bytes.length) throw malformed();
      yield [Math.floor(tag / 8), bytes.subarray(at, end)];
      at = end;
    } else throw malformed();
  }
}
