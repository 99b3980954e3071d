// Constant load on one address, from wherever it is started (inside a site: nsenter --net=/var/run/netns/hanse-NAME node client.mjs '{…}').
//   {"seconds": 60, "clients": [{"kind": "fresh", "url": "http://10.1.2.3/", "perSecond": 100},
//                               {"kind": "keptAlive", "url": "…", "count": 8, "perSecond": 2, "ageMaxSeconds": 10},
//                               {"kind": "neverClosing", "url": "…", "count": 8, "perSecond": 2}]}
// Begins, and says {"begun": true} in a line of its own, when every address has answered once: a Service that was made a moment ago is not yet known to the proxies of its
// own cluster. perSecond is of one client. Ends after `seconds`, or earlier at the end of its standard input, and prints one line of JSON. A request is lost when it is not
// answered 200 in 5 s; nothing is sent twice.
import http from 'node:http';

const limits = { seconds: 1800, clients: 64, perSecond: 500 };
const requestTimeoutMs = 5000;
/** To read what came while this process itself did not get to run: a timer is called before what lies in the sockets is read. */
const graceMs = 250;
const lastAnswerMs = requestTimeoutMs + graceMs + 200;
const answerWithinMs = 60_000;
const asked = JSON.parse(process.argv[2] ?? '{}');
let startedMs = performance.now();
const sinceStartMs = () => Math.round(performance.now() - startedMs);
const results = asked.clients.map((client) => ({
  kind: client.kind,
  url: client.url,
  sent: 0,
  ok: 0,
  lost: 0,
  failures: [],
  failuresByConnection: {},
  pods: {},
  milliseconds: [],
}));
let stopping = false;

function send(result, agent, connection) {
  const sentMs = performance.now();
  let over = false;
  result.sent++;
  const fail = (code, port) => {
    if (over) return;
    over = true;
    result.lost++;
    result.failuresByConnection[connection] = (result.failuresByConnection[connection] ?? 0) + 1;
    if (result.failures.length < 200)
      result.failures.push({ atMs: sinceStartMs(), tookMs: Math.round(performance.now() - sentMs), code: String(code), port: port ?? null, connection });
  };
  const request = http.get(result.url, { agent }, (response) => {
    let body = '';
    response.on('data', (chunk) => (body += chunk));
    response.on('end', () => {
      if (over) return;
      if (response.statusCode !== 200) return fail(response.statusCode);
      over = true;
      result.ok++;
      result.pods[body.trim()] = (result.pods[body.trim()] ?? 0) + 1;
      result.milliseconds.push(performance.now() - sentMs);
    });
    response.on('error', (error) => fail(error.code));
  });
  request.setTimeout(requestTimeoutMs, () =>
    setTimeout(() => {
      if (!over) request.destroy(Object.assign(new Error('no answer'), { code: 'NO_ANSWER' }));
    }, graceMs),
  );
  request.on('error', (error) => fail(error.code ?? error.message, request.socket?.localPort));
}

/** Calls `action` at a constant rate, catching up after a pause of the process by at most one second's worth. */
function every(perSecond, action) {
  let due = performance.now() + (1000 / perSecond) * Math.random();
  const timer = setInterval(() => {
    if (stopping) return clearInterval(timer);
    const now = performance.now();
    due = Math.max(due, now - 1000);
    for (; due <= now; due += 1000 / perSecond) action();
  }, 5);
}

function start(client, result) {
  if (!(client.perSecond <= limits.perSecond && (client.count ?? 1) <= limits.clients)) throw new Error('more load than this program makes');
  if (client.kind === 'fresh') return every(client.perSecond, () => send(result, new http.Agent({ keepAlive: false, maxSockets: 1 }), 'fresh'));
  for (let index = 0; index < client.count; index++) {
    // One socket: requests of one connection follow one another. A well-behaved client ends a connection at its greatest age, between two requests.
    const open = () => new http.Agent({ keepAlive: true, maxSockets: 1, scheduling: 'fifo' });
    let agent = open();
    let opened = performance.now() - Math.random() * 1000 * (client.ageMaxSeconds ?? 0);
    every(client.perSecond, () => {
      const busy = Object.keys(agent.sockets).length > 0;
      if (client.kind === 'keptAlive' && !busy && performance.now() - opened > (client.ageMaxSeconds - 0.5) * 1000) {
        agent.destroy();
        agent = open();
        opened = performance.now();
      }
      if (!busy) send(result, agent, index);
    });
  }
}

async function untilAnswered(url) {
  const endsMs = performance.now() + answerWithinMs;
  for (;;) {
    const refused = await new Promise((resolve) => {
      const request = http.get(url, { agent: new http.Agent() }, (response) =>
        response.resume().on('end', () => resolve(response.statusCode === 200 ? '' : response.statusCode)),
      );
      request.setTimeout(requestTimeoutMs, () => request.destroy(new Error('no answer')));
      request.on('error', (error) => resolve(error.message));
    });
    if (refused === '') return;
    if (performance.now() > endsMs) throw new Error(`${url} did not answer within ${answerWithinMs / 1000} s: ${refused}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function finish() {
  if (stopping) return;
  stopping = true;
  setTimeout(() => {
    for (const result of results) {
      const sorted = result.milliseconds.sort((a, b) => a - b);
      result.p50Ms = Math.round(sorted[sorted.length >> 1] ?? -1);
      result.p99Ms = Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? -1);
      delete result.milliseconds;
    }
    process.stdout.write(`${JSON.stringify({ seconds: sinceStartMs() / 1000, results })}\n`, () => process.exit(0));
  }, lastAnswerMs);
}

if (!(asked.seconds <= limits.seconds) || asked.clients.length > 8) throw new Error('longer or more load than this program makes');
process.stdin.on('end', finish).on('error', finish).resume();
await Promise.all([...new Set(asked.clients.map(({ url }) => url))].map(untilAnswered));
process.stdout.write('{"begun": true}\n');
startedMs = performance.now();
asked.clients.forEach((client, index) => start(client, results[index]));
setTimeout(finish, asked.seconds * 1000);
