// npm run bench: lists the benchmarks; npm run bench -- NAME: runs one, which ends with one line of JSON (CONTRIBUTING.md).
type Bench = { readonly about: string; run(): Promise<unknown> };

const benches: Readonly<Record<string, Bench>> = {
  decide: { about: 'one decision over 1000 clusters and 10 criteria with all reasons, p99 in ms', run: () => import('./decide.ts') },
  judge: {
    about: 'a presentation of 5 credentials to facts (signatures, JSON-LD, SHACL), CPU ms, over jose + jsonld + shacl-engine',
    run: () => import('./judge.ts'),
  },
  reserve: { about: 'decisions per second with capacity reserved, in one process; never booked twice', run: () => import('./reserve.ts') },
  resume: { about: '1000 open operations, kill -9, start: seconds until all go on', run: () => import('./resume.ts') },
  peer: { about: "time to a Ready virtual node over liqoctl's, on the same real clusters (root, laboratory)", run: () => import('./peer.ts') },
  'move-real': { about: 'requests lost in moves under load between real clusters (root, laboratory)', run: () => import('./moveReal.ts') },
  move: { about: 'requests lost in 20 moves of 10 replicas under 200 requests/s in the demo', run: () => import('./move.ts') },
  start: { about: 'installed and used before, npm start to a usable page: median of 5 in seconds', run: () => import('./start.ts') },
  'fresh-clone': { about: 'git clone to a usable page in seconds, the packages fetched on the way', run: () => import('./freshClone.ts') },
  crash: {
    about: 'broker, and separately simulator, killed at every record of all verbs in the demo: runs that did not end as if undisturbed',
    run: () => import('./crash.ts'),
  },
  events: { about: 'change to page while 200 pages are open and 20 changes a second are made, p99 in ms', run: () => import('./events.ts') },
  federate: { about: 'demo federation with two providers, simulated delays at zero, median in seconds', run: () => import('./federate.ts') },
  search: {
    about: 'search with facets over 100,000 offers, p95 in ms, beside SQL; memory of the broker, and ms until it answers after a start',
    run: () => import('./search.ts'),
  },
  ingest: { about: 'credentials per second judged, stored and indexed, of 1000 offers with four each', run: () => import('./ingest.ts') },
  revoke: { about: 'one credential revoked, to the list of the placements among 10,000 that rest on it, in ms', run: () => import('./revoke.ts') },
  idle: { about: 'memory and CPU of the broker with three real clusters watched (laboratory)', run: () => import('./idle.ts') },
};

const list = (): string =>
  Object.entries(benches)
    .map(([name, { about }]) => `  ${name.padEnd(11)} ${about}`)
    .join('\n');

const [name] = process.argv.splice(2, 1);
const bench = name === undefined || !Object.hasOwn(benches, name) ? undefined : benches[name];
if (bench !== undefined) await bench.run();
else if (name === undefined) console.log(`npm run bench -- NAME runs one:\n${list()}`);
else {
  console.error(`There is no benchmark ${name}; there are:\n${list()}`);
  process.exitCode = 2;
}
