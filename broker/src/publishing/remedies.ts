// What its issuer does about each check that did not pass. The reason says what is wrong; this says who mends it, and with what.
import type { Check } from '../catalogue/index.ts';

const again = 'Correct what the reason names in the document, and sign it again: hanse sign.';
const document = 'Serve the did.json that hanse publish writes at the address of the DID, with this key in it.';

const remedies: Readonly<Record<string, { readonly failed: string; readonly unknown?: string }>> = {
  jws: { failed: 'Give the token as it was signed: three parts of base64url with dots between them.' },
  header: { failed: 'Sign it as vc+jwt (cty vc) with an algorithm that is taken: hanse sign.' },
  structure: { failed: again },
  profile: { failed: again },
  context: {
    failed: 'Use the contexts of the W3C and of Gaia-X alone, without meanings of your own.',
    unknown: 'Use contexts that readers know; others count for nothing there.',
  },
  jsonld: { failed: again, unknown: 'To have its terms read, name the contexts: --context ADDRESS=FILE, as a catalogue has them in its configuration.' },
  rules: { failed: again },
  shapes: { failed: again, unknown: 'To hold it against the shapes of Gaia-X, name them, and the contexts: --shapes FILE, --context ADDRESS=FILE.' },
  issuer: { failed: 'Issue it by a did:web that is the same in header (iss, kid) and payload (issuer): hanse sign.' },
  key: { failed: document, unknown: 'Make did.json answer over https at the address of the DID.' },
  signature: { failed: 'Sign it again with the key that did.json names; nothing may change it afterwards.', unknown: document },
  chain: {
    failed: 'Serve the whole chain of the key, leaf first, up to a root that clearing houses take: hanse publish --chain.',
    unknown: 'Give the key a certificate and publish its chain (hanse publish --chain); name the roots to hold it against: --anchor.',
  },
  validity: { failed: 'Sign it again: hanse sign, then hanse publish.' },
  status: { failed: 'Its issuer took it back: ask its issuer for another one.', unknown: 'Its issuer has to make its status list answer again.' },
  right: {
    failed: 'This only counts by an issuer whom readers trust for it. To see what such a reader sees: --trust labelIssuer=DID (notary, certificationBody).',
  },
  contents: {
    failed: 'Mend the credential that the reason names, then publish again.',
    unknown: 'Mend the credential that the reason names, then publish again.',
  },
  binding: { failed: 'What it is for was changed since: submit it again (hanse clearinghouse submit).', unknown: 'Publish what it names beside it.' },
  reissue: { failed: 'Take the older one out.' },
};

/** null: it passed. */
export function remedyFor({ name, result }: Pick<Check, 'name' | 'result'>): string | null {
  if (result === 'passed') return null;
  const found = Object.hasOwn(remedies, name) ? remedies[name] : undefined;
  return (result === 'unknown' ? found?.unknown : found?.failed) ?? (result === 'unknown' ? 'Make what the reason names available, then check again.' : again);
}
