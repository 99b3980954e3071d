// What was declared, each thing with the place where it stands.
import type { ApplicationDocument, FederationDocument, PolicyDocument } from '../../../contract/src/index.ts';
import type { Fault } from '../errors.ts';

export type NamedText = { readonly file: string; readonly text: string };

type Placed<Kind extends string, Document> = {
  readonly kind: Kind;
  readonly name: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly document: Document;
  /** A fault at a field, or at the nearest thing round it that is there. */
  fault(path: readonly (string | number)[], message: string, fix?: string): Fault;
};

export type DeclaredFederation = Placed<'Federation', FederationDocument>;
/** `manifests`: the objects that stand in the document itself, each as it was written and on the lines where it was written. */
export type DeclaredApplication = Placed<'Application', ApplicationDocument> & { readonly manifests: readonly NamedText[] };
/** `text`: the document alone, on the lines where it was written. */
export type DeclaredPolicy = Placed<'Policy', PolicyDocument> & { readonly text: string };
export type Declared = DeclaredFederation | DeclaredApplication | DeclaredPolicy;
