// The pure side of the store.
export { document } from './document.ts';
