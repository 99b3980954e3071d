// Where a DID document says that credentials of its subject lie.
import { z } from 'zod';
import { readDidDocument } from '../judge/did.ts';

/** DIF Linked Verifiable Presentation: `serviceEndpoint` is one address or several, each of a presentation. */
const credentialServices = ['LinkedVerifiablePresentation'];
const servicesMax = 100;

/** It stands in an index of the database. */
const printed = /^\P{C}+$/u;
const endpoint = z.union([
  z
    .string()
    .max(2048)
    .regex(printed)
    .transform((each) => [each]),
  z.array(z.string().max(2048).regex(printed)).max(servicesMax),
]);
const service = z.looseObject({
  type: z.union([z.string().transform((each) => [each]), z.array(z.string()).max(20)]),
  serviceEndpoint: endpoint,
});

/** In their order, each once; `did`: whose document it has to be. */
export function credentialAddresses(received: string, did: string): { readonly addresses: readonly string[] } | { readonly reason: string } {
  const read = readDidDocument(received);
  if ('reason' in read) return read;
  if (read.document.id !== did) return { reason: 'it is the document of another DID' };
  const given = z
    .array(z.unknown())
    .max(servicesMax)
    .safeParse(read.document['service'] ?? []);
  if (!given.success) return { reason: `service: it is no list of at most ${servicesMax}` };
  // a document has services of all kinds: those that are not ours need not look like ours
  const addresses = given.data.flatMap((each) => {
    const found = service.safeParse(each);
    return found.success && found.data.type.some((type) => credentialServices.includes(type)) ? found.data.serviceEndpoint : [];
  });
  return { addresses: [...new Set(addresses)].slice(0, servicesMax) };
}
