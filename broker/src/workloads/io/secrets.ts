// The data of Secrets: sealed in the store from the moment it is accepted, joined with its object only on the way to the API server.
import { z } from 'zod';
import type { KubeObject } from '../../clusters/io/index.ts';
import type { Store } from '../../store/io/store.ts';
import type { Application, SealedSecret } from '../application.ts';
import { groupKind } from '../deployment/podTemplate.ts';
import type { SecretData } from '../deployment/prepare.ts';
import { isSame } from '../json.ts';
import { objectOf } from './objects.ts';

export const secretPurpose = 'application-secret';
const sealedData = z.record(z.string(), z.string());

/** As the API server keeps it: `stringData` goes over `data`. */
export function encoded({ data, stringData }: SecretData): Record<string, string> {
  const fromText = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')]);
  const fromData = Object.entries(data).map(([key, value]) => [key, value.replace(/\s/g, '')]);
  return Object.fromEntries([...fromData, ...fromText]);
}

type Sealing = { readonly before: readonly SealedSecret[]; /** One without data keeps what it had. */ readonly keepsData: boolean };

/** Seals each; one that says the same as before keeps its row. */
export async function seal(store: Store, owner: string, secrets: readonly SecretData[], { before, keepsData }: Sealing): Promise<SealedSecret[]> {
  const sealed: SealedSecret[] = [];
  for (const secret of secrets) {
    const data = encoded(secret);
    const known = before.find(({ name }) => name === secret.name);
    const saysNothing = keepsData && Object.keys(data).length === 0;
    const kept = known !== undefined && (saysNothing || isSame(await unseal(store, owner, known.sealed), data));
    sealed.push({ name: secret.name, sealed: kept ? known.sealed : await store.seal(owner, secretPurpose, JSON.stringify(data)) });
  }
  return sealed;
}

const unseal = async (store: Store, owner: string, id: string): Promise<Record<string, string>> => sealedData.parse(JSON.parse(await store.unseal(owner, id)));

/** Every object of the application, complete, in the order in which it is applied. */
export async function completeObjects(store: Store, owner: string, application: Pick<Application, 'manifests' | 'secrets'>): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const manifest of application.manifests) {
    const object = objectOf(manifest);
    const sealed = groupKind(manifest) === '/Secret' ? application.secrets.find(({ name }) => name === manifest.metadata.name) : undefined;
    objects.push(sealed ? { ...object, data: await unseal(store, owner, sealed.sealed) } : object);
  }
  return objects;
}

/** Forgets what the first has and the second does not. */
export async function forget(store: Store, owner: string, old: readonly SealedSecret[], kept: readonly SealedSecret[]): Promise<void> {
  const ids = new Set(kept.map(({ sealed }) => sealed));
  for (const { sealed } of old) if (!ids.has(sealed)) await store.forget(owner, sealed);
}
