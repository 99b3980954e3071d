// All of the world that the pure compile knows besides the language: what the files named pure-crypto.ts and pure-gzip.ts need. Deterministic things only;
// their use is held against their real types by the main compile.
/* eslint-disable typescript/no-explicit-any */
declare module 'node:crypto' {
  export const constants: any;
  export const createCipheriv: any;
  export const createDecipheriv: any;
  export const createHash: any;
  export const createHmac: any;
  export const createPrivateKey: any;
  export const createPublicKey: any;
  export const createSecretKey: any;
  export const sign: any;
  export const timingSafeEqual: any;
  export const verify: any;
  export const X509Certificate: any;
  export type JsonWebKey = Record<string, any>;
  export type KeyObject = any;
  export type X509Certificate = any;
}
declare module 'node:zlib' {
  export const gunzipSync: any;
}
declare type Buffer = Uint8Array;
declare const Buffer: any;
declare const TextEncoder: any;
declare const TextDecoder: any;
