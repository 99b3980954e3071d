// A load of requests, each on a connection of its own, at a rate that does not wait for the answers.
import { get } from 'node:http';

const answerMsMax = 5_000;

export type Sent = { answered: number; lost: number; readonly reasons: Record<string, number> };

/** Keeps the rate whatever the answers do; what is under way when it is stopped is waited for. */
export function startRequests(url: string, perSecond: number): { readonly sent: Sent; stop(): Promise<void> } {
  const sent: Sent = { answered: 0, lost: 0, reasons: {} };
  const open = new Set<Promise<void>>();
  const began = performance.now();
  let asked = 0;
  const ask = async (): Promise<void> => {
    const failure = await once(url);
    if (failure === null) sent.answered += 1;
    else {
      sent.lost += 1;
      sent.reasons[failure] = (sent.reasons[failure] ?? 0) + 1;
    }
  };
  const timer = setInterval(() => {
    for (const due = ((performance.now() - began) / 1000) * perSecond; asked < due; asked += 1) {
      const one: Promise<void> = ask().finally(() => open.delete(one));
      open.add(one);
    }
  }, 5);
  return {
    sent,
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
    },
  };
}

/** null: answered in full. */
const once = (url: string): Promise<string | null> =>
  new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: answerMsMax }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200 ? null : String(response.statusCode)));
      response.on('error', (error) => resolve(error.message));
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
  });
