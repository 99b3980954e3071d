// Unpacking, bounded: what comes out is never larger than was asked for, whatever went in.
import { gunzipSync } from 'node:zlib';

/** null: it is not gzip, or larger than `bytesMax` unpacked. */
export function gunzip(packed: Uint8Array, bytesMax: number): Uint8Array | null {
  try {
    return gunzipSync(packed, { maxOutputLength: bytesMax });
  } catch {
    return null;
  }
}
