// One offer with everything that stands behind it.
import { z } from 'zod';
import { list, rfc3339 } from './base.ts';
import { credentialDetail } from './credential.ts';
import { offer, offersQuery } from './placement.ts';

export const offerParams = z.object({
  name: z.string().min(1).max(1000).describe('Our name of the cluster that is offered, the id of the offering, or its name where only one is called so.'),
});

export const offerQuery = offersQuery.pick({ where: true, prefer: true });

const judged = credentialDetail.omit({ received: true }).meta({ id: 'CredentialJudged' });

export const turn = z
  .object({
    digest: z.string(),
    at: rfc3339,
    from: z.string().nullable(),
    state: z.string().describe('As a credential state; expiring and gone beside them.'),
    why: z.string().nullable(),
  })
  .meta({ id: 'CredentialTurn', description: 'A credential came to be in another state.' });

export const offerDetail = z
  .object({
    offer,
    credentials: list(judged).describe(
      'Each that a fact of it names (200 at most), then what was believed about it and no longer counts; judged now, with every check and whose word it is.',
    ),
    history: list(turn).describe('What became of them, and of those before them that no source gives any more, newest first.'),
  })
  .meta({ id: 'OfferDetail' });

export type CredentialJudged = z.infer<typeof judged>;
export type OfferDetail = z.infer<typeof offerDetail>;
