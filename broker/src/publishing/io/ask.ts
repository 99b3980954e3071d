// Asks a clearing house: over https, under the rules for strangers' addresses, without following it anywhere else.
import { Agent, request } from 'undici';
import { createSecureContext, rootCertificates } from 'node:tls';
import { checkedLookup } from '../../clusters/io/checkedLookup.ts';
import { refused } from '../../catalogue/io/index.ts';
import type { FetchRules } from '../../catalogue/io/index.ts';
import { readAnswer } from '../clearingHouse.ts';
import type { Answer, Question } from '../clearingHouse.ts';

/** They look into registers of states, which takes its time. */
const timeLimitMs = 120_000;
const answerBytesMax = 1024 * 1024;

/** Never throws: that it could not be asked is an answer too, in words. */
export async function askClearingHouse({ url, body }: Question, { allowed, ca }: Omit<FetchRules, 'bytesMax'>): Promise<Answer> {
  const refusal = refused(url, allowed);
  if (refusal !== null) return { refusal };
  const { port } = new URL(url);
  const connect = {
    ...(ca !== undefined && { secureContext: createSecureContext({ ca: [...rootCertificates, ca] }) }),
    lookup: checkedLookup(Number(port || 443), allowed),
  };
  const dispatcher = new Agent({ connect, maxResponseSize: answerBytesMax, headersTimeout: timeLimitMs, bodyTimeout: timeLimitMs });
  try {
    const answer = await request(url, {
      dispatcher,
      signal: AbortSignal.timeout(timeLimitMs),
      headers: { accept: 'application/vc+jwt, application/vc+ld+json+jwt, application/json', ...(body !== null && { 'content-type': 'application/vp+jwt' }) },
      ...(body !== null && { method: 'POST', body }),
    });
    return readAnswer(answer.statusCode, await answer.body.text());
  } catch (error) {
    return { refusal: error instanceof Error ? `it could not be asked: ${error.message.slice(0, 200)}` : 'it could not be asked' };
  } finally {
    await dispatcher.destroy();
  }
}
