// The part of an XFSC Federated Catalogue that others read: its assets, paged and by status, under the names of 2026 (`/assets`) or of the images before.
import { createHash } from 'node:crypto';
import type { Answer } from './eventsService.ts';

export type AssetStatus = 'active' | 'eol' | 'deprecated' | 'revoked';

export type FederatedCatalogue = {
  /** Answers its hash. */
  upload(content: string, issuer: string): string;
  setStatus(hash: string, status: AssetStatus): void;
  /** `authorization`: the header. null: that path is not its own. */
  answer(url: URL, authorization: string | undefined): Answer | null;
};

type Asset = { readonly hash: string; readonly content: string; readonly issuer: string; readonly at: string; status: AssetStatus };
export type CatalogueOptions = {
  readonly names: 'assets' | 'self-descriptions';
  /** Asked of everybody (Keycloak's, in the real one); null: nobody is asked. */
  readonly token: string | null;
  now(): number;
};

const limitMax = 1000;

export function createFederatedCatalogue({ names, token, now }: CatalogueOptions): FederatedCatalogue {
  const assets = new Map<string, Asset>();
  const metaOf = ({ hash, issuer, at, status }: Asset): object => ({
    [names === 'assets' ? 'assetHash' : 'sdHash']: hash,
    id: `urn:sha256:${hash}`,
    status,
    issuer,
    validatorDids: [],
    uploadDatetime: at,
    statusDatetime: at,
    ...(names === 'assets' && { contentType: 'application/vc+jwt' }),
  });
  const list = ({ searchParams }: URL): Answer => {
    const statuses = searchParams.get('statuses')?.split(',') ?? ['active'];
    const hashes = searchParams.get('hashes')?.split(',');
    const offset = Number(searchParams.get('offset') ?? 0);
    const limit = Number(searchParams.get('limit') ?? 100);
    if (!(offset >= 0) || !(limit >= 1 && limit <= limitMax)) return { status: 400, body: { code: 'client_error', message: 'offset or limit' } };
    const found = [...assets.values()].filter(({ status, hash }) => statuses.includes(status) && (hashes === undefined || hashes.includes(hash)));
    const items = found.slice(offset, offset + limit).map((asset) => ({
      ...(searchParams.get('withMeta') !== 'false' && { meta: metaOf(asset) }),
      ...(searchParams.get('withContent') === 'true' && { content: asset.content }),
    }));
    return { status: 200, body: { totalCount: found.length, items } };
  };
  return {
    upload(content, issuer) {
      const hash = createHash('sha256').update(content).digest('hex');
      assets.set(hash, { hash, content, issuer, at: new Date(now()).toISOString(), status: 'active' });
      return hash;
    },
    setStatus(hash, status) {
      const asset = assets.get(hash);
      if (!asset) throw new Error(`there is no asset ${hash}`);
      asset.status = status;
    },
    answer(url, authorization) {
      if (url.pathname !== `/${names}`) return null;
      if (token !== null && authorization !== `Bearer ${token}`) return { status: 401, body: { code: 'unauthorized', message: 'a token is needed' } };
      return list(url);
    },
  };
}
