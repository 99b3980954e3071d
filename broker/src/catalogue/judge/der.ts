// Just enough of DER (X.690) to read what Node's certificates do not tell: the algorithm of the signature, and the extensions of RFC 5280 that decide a path.

/** One element: `tag` is its first octet, `body` what is inside. */
type Element = { readonly tag: number; readonly body: Uint8Array };

const elementsMax = 500;

/** The elements that `bytes` is made of; null: it is not DER. Lengths of at most four octets, in their shortest form. */
function elementsOf(bytes: Uint8Array): readonly Element[] | null {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tag, first] = [bytes[at], bytes[at + 1]];
    if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || found.length >= elementsMax) return null;
    const lengthOctets = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || lengthOctets > 4) return null;
    let length = lengthOctets === 0 ? first : 0;
    for (let index = 0; index < lengthOctets; index += 1) length = length * 256 + (bytes[at + 2 + index] ?? 0);
    const start = at + 2 + lengthOctets;
    if (start + length > bytes.length || (lengthOctets > 0 && length < 0x80)) return null;
    found.push({ tag, body: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

const tags = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, sequence: 0x30, extensions: 0xa3 };

const inside = (element: Element | undefined, tag: number): readonly Element[] => (element?.tag === tag ? (elementsOf(element.body) ?? []) : []);

/** Dotted; empty: it is none. */
function oidOf(element: Element | undefined): string {
  if (element?.tag !== tags.oid || element.body.length > 40) return '';
  const numbers: number[] = [];
  let number = 0;
  for (const octet of element.body) {
    number = number * 128 + (octet & 0x7f);
    if (number > Number.MAX_SAFE_INTEGER / 128) return '';
    if (octet < 0x80) {
      numbers.push(number);
      number = 0;
    }
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join('.');
}

export type Extension = { readonly oid: string; readonly isCritical: boolean; readonly value: Uint8Array };

/** Of a certificate (RFC 5280 §4.1); null: it cannot be read. */
export function certificateParts(der: Uint8Array): { readonly algorithm: string; readonly extensions: readonly Extension[] } | null {
  const [certificate] = elementsOf(der) ?? [];
  const [signed, algorithm] = inside(certificate, tags.sequence);
  const wrapped = inside(signed, tags.sequence).find(({ tag }) => tag === tags.extensions);
  const algorithmOid = oidOf(inside(algorithm, tags.sequence)[0]);
  if (signed === undefined || algorithmOid === '') return null;
  const extensions = inside(inside(wrapped, tags.extensions)[0], tags.sequence).map((each): Extension => {
    const parts = inside(each, tags.sequence);
    const value = parts.find(({ tag }) => tag === tags.octets);
    return {
      oid: oidOf(parts[0]),
      isCritical: parts.some(({ tag, body }) => tag === tags.boolean && body[0] === 0xff),
      value: value?.body ?? new Uint8Array(),
    };
  });
  return { algorithm: algorithmOid, extensions };
}

/** §4.2.1.9. `pathLengthMax`: how many authorities may follow below; null: as many as one likes. */
export function basicConstraints(value: Uint8Array): { readonly isAuthority: boolean; readonly pathLengthMax: number | null } {
  const parts = inside((elementsOf(value) ?? [])[0], tags.sequence);
  const length = parts.find(({ tag }) => tag === tags.integer)?.body;
  return {
    isAuthority: parts.some(({ tag, body }) => tag === tags.boolean && body[0] === 0xff),
    // longer than one octet is more than any path has
    pathLengthMax: length === undefined ? null : length.length === 1 ? (length[0] ?? 0) : Number.MAX_SAFE_INTEGER,
  };
}

/** §4.2.1.3: bit 0 digitalSignature, 1 contentCommitment, 5 keyCertSign. */
export function keyUsageHas(value: Uint8Array, bit: number): boolean {
  const [element] = elementsOf(value) ?? [];
  const octet = element?.tag === tags.bits ? element.body[1 + Math.floor(bit / 8)] : undefined;
  return octet !== undefined && (octet & (0x80 >> (bit % 8))) !== 0;
}

/** §4.2.1.4: object identifiers of the policies it was issued under. */
export const policyOids = (value: Uint8Array): readonly string[] =>
  inside((elementsOf(value) ?? [])[0], tags.sequence).map((each) => oidOf(inside(each, tags.sequence)[0]));
