// Requests on fresh connections, at an even pace, and how many of them were not answered.
import { get } from 'node:http';

export type Load = { stop(): Promise<{ readonly sent: number; readonly lost: number }> };

const everyMs = 50;
const timeLimitMs = 5_000;

export const startLoad = (url: string): Load => {
  let sent = 0;
  let lost = 0;
  const open = new Set<Promise<void>>();
  const send = (): void => {
    sent += 1;
    const one = ask(url).then((isAnswered) => {
      if (!isAnswered) lost += 1;
      open.delete(one);
    });
    open.add(one);
  };
  const timer = setInterval(send, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      return { sent, lost };
    },
  };
};

const ask = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: timeLimitMs }, (response) => {
      response.resume();
      response.once('end', () => resolve((response.statusCode ?? 500) < 500));
      response.once('error', () => resolve(false));
    });
    request.once('timeout', () => request.destroy(new Error('no answer')));
    request.once('error', () => resolve(false));
  });
