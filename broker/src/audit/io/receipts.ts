// Issues receipts when something was placed, and keeps them.
import { randomBytes } from 'node:crypto';
import { findSnapshot } from '../../placement/io/index.ts';
import { place } from '../../placement/index.ts';
import type { Placement, PlacementRequest } from '../../placement/index.ts';
import { document } from '../../store/document.ts';
import type { Db, Store, Tx } from '../../store/io/store.ts';
import { firstDifference, signReceipt } from '../receipt.ts';
import type { ReceiptBody } from '../receiptBody.ts';
import { lastLink } from './log.ts';
import type { SigningKey } from './signingKey.ts';

export type Placed = {
  readonly owner: string;
  readonly operation: string;
  readonly application: string;
  readonly request: PlacementRequest;
  /** As carried out; its snapshot is what was decided on. */
  readonly placement: Placement;
};

export type Issued = { readonly id: string; readonly jws: string };

export type Receipts = {
  /** One for each operation and application: issued again it answers the same. NOT_FOUND when the snapshot is no longer kept. */
  issue(placed: Placed, tx?: Tx): Promise<Issued>;
};

export type ReceiptsOptions = { readonly store: Pick<Store, 'db'>; readonly key: SigningKey; readonly now?: () => number };

export function createReceipts({ store, key, now = Date.now }: ReceiptsOptions): Receipts {
  return {
    async issue(placed, tx) {
      const db: Db | Tx = tx ?? store.db;
      const id = `${placed.operation}.${placed.application}`;
      const known = await findIssued(db, placed.owner, id);
      if (known !== null) return known;
      const body = await bodyOf(db, placed, { id, issuedAt: new Date(now()).toISOString() });
      const summary = {
        issuedAt: body.issuedAt,
        chosen: body.carriedOut ?? body.placement.chosen,
        snapshotVersion: body.snapshot.version,
        keyId: key.keyId,
        auditHead: body.auditHead,
      };
      const row = {
        id,
        owner: placed.owner,
        operation: placed.operation,
        application: placed.application,
        body: document(summary),
        jws: signReceipt(body, key, () => randomBytes(16).toString('base64url')),
      };
      await db
        .insertInto('receipt')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      return (await findIssued(db, placed.owner, id)) ?? { id, jws: row.jws };
    },
  };
}

const findIssued = async (db: Db | Tx, owner: string, id: string): Promise<Issued | null> =>
  (await db.selectFrom('receipt').select(['id', 'jws']).where('owner', '=', owner).where('id', '=', id).executeTakeFirst()) ?? null;

async function bodyOf(
  db: Db | Tx,
  { owner, operation, application, request, placement }: Placed,
  made: Pick<ReceiptBody, 'id' | 'issuedAt'>,
): Promise<ReceiptBody> {
  const snapshot = await findSnapshot({ db }, owner, placement.snapshotVersion);
  // decided again, so that nothing is signed that would not verify; what a running application grew to is told beside it
  const decided = place(request, snapshot);
  const isSame = firstDifference(decided.chosen, placement.chosen, 'chosen') === null;
  const auditHead = await lastLink(db);
  return {
    ...made,
    owner,
    operation,
    application,
    decisionVersion: decided.decisionVersion,
    request,
    snapshot,
    placement: decided,
    carriedOut: isSame ? null : placement.chosen,
    auditHead,
  };
}
