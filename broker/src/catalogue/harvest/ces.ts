// The feed of a Credentials Events Service (CloudEvents 1.0) as services write it. Seen: Gaia-X' lab (events kept by eclipse-xfsc/federated-catalogue) and operators' v2.
import { z } from 'zod';
import { readCredential } from '../judge/credential.ts';
import { listOf, parseJson, quoted } from '../judge/json.ts';
import { idOf, nodesOf, valuesOf } from '../node.ts';
import { isBase64Url, textFromBase64Url } from '../judge/pure-crypto.ts';

/** `text`: what the event carries, as it stands there; null: nothing that could be a credential. `id` null: an event that names none. */
export type CesEvent = { readonly id: string | null; readonly text: string | null; readonly reason: string };

const eventId = z
  .string()
  .max(200)
  .regex(/^\P{C}+$/u);

/** Every name in lower case, as it is on the wire; the OpenAPI of the service writes some of them otherwise, and no answer with those was met. */
const event = z.looseObject({
  specversion: z.literal('1.0'),
  id: eventId,
  type: z.string().max(500),
  data: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
  data_base64: z.string().nullish(),
});

export function readCesEvents(text: string): { readonly events: readonly CesEvent[] } | { readonly reason: string } {
  const parsed = parseJson(text);
  if ('reason' in parsed) return parsed;
  if (!Array.isArray(parsed.value)) return { reason: 'it is not a list of events' };
  return { events: listOf(parsed.value).map(eventOf) };
}

function eventOf(given: unknown): CesEvent {
  const read = event.safeParse(given);
  if (!read.success) {
    const issue = read.error.issues[0];
    const id = z.looseObject({ id: eventId }).safeParse(given);
    return { id: id.success ? id.data.id : null, text: null, reason: `it is not an event: ${issue?.path.join('.') || 'it'}: ${quoted(issue?.message ?? '')}` };
  }
  const { id, data, data_base64: coded } = read.data;
  const found =
    typeof coded === 'string' ? decoded(coded) : typeof data === 'string' ? data : data === null || data === undefined ? null : JSON.stringify(data);
  return { id, text: found, reason: found === null ? 'it carries no credential' : '' };
}

/** Despite its name `data_base64` holds the token itself on live services; CloudEvents means its base64. */
function decoded(coded: string): string {
  const isToken = coded.split('.').length === 3 && isBase64Url(coded.replaceAll('.', ''));
  const urlSafe = coded
    .replace(/={1,2}$/, '')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
  return isToken ? coded : (textFromBase64Url(urlSafe) ?? coded);
}

/** `digest`: `sha256-` and hex over the canonical payload, as the label names it; null: it names none. */
export type Named = { readonly address: string; readonly digest: string | null };

/** As long as an item's id may be. */
const addressMax = 1000;

/** What a compliance credential says it rests on: a feed carries only its label, the rest lies at the participant's. */
export function namedBy(token: string): Named[] {
  const read = readCredential(token);
  if ('part' in read) return [];
  const named = read.payload.credentialSubject.flatMap((node) => nodesOf(node, 'gx', 'compliantCredentials'));
  const found = named.flatMap((each): Named[] => {
    const [digest] = valuesOf(each, 'cred', 'digestSRI');
    const address = idOf(each)?.split('#', 1)[0] ?? '';
    return address.startsWith('https://') && address.length <= addressMax ? [{ address, digest: typeof digest === 'string' ? digest : null }] : [];
  });
  return [...new Map(found.map((each) => [each.address, each])).values()];
}
