// The parts that are used of two packages which bring no types.
declare module '@digitalbazaar/credentials-context' {
  export const contexts: ReadonlyMap<string, unknown>;
}
declare module 'n3' {
  export type ParsedTerm = {
    readonly termType: string;
    readonly value: string;
    readonly language?: string;
    readonly datatype?: { readonly value: string };
  };
  export class Store {
    constructor(quads: readonly object[]);
  }
  export class Parser {
    constructor(options?: { readonly format?: string; readonly baseIRI?: string });
    parse(text: string): readonly { readonly subject: ParsedTerm; readonly predicate: ParsedTerm; readonly object: ParsedTerm }[];
  }
}
declare module 'jsonld' {
  type Options = {
    readonly documentLoader?: (url: string) => Promise<object>;
    readonly format?: string;
    readonly inputFormat?: string;
    readonly algorithm?: string;
    readonly safe?: boolean;
  };
  const jsonld: { toRDF(document: unknown, options: Options): Promise<string>; canonize(document: unknown, options: Options): Promise<string> };
  export default jsonld;
}
declare module 'rdf-validate-shacl' {
  type Named = { readonly termType: string; readonly value: string };
  type Result = {
    readonly focusNode: Named | null;
    readonly path: Named | null;
    readonly value: Named | null;
    readonly sourceConstraintComponent: Named | null;
  };
  export default class SHACLValidator {
    constructor(shapes: object, options?: object);
    validate(data: object): Promise<{ readonly conforms: boolean; readonly results: readonly Result[] }>;
  }
}
