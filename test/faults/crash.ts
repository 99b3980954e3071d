// Kills a broker at every record of an operation's journal, on either side of the record: once when the effect is done and the record is lost, once when
// the record is kept and nothing after it was done. A trigger in the database holds every record back until the test says so; the broker knows nothing of it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const GATE = 7_480_090;

export type CrashReport = { readonly kills: number; readonly records: number };

export type Broker = { readonly process: ChildProcess; kill(): Promise<void> };

/** `command`: the program and its arguments. Output goes to the log file. */
export function startBroker(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv, log: string): Broker {
  const out = openSync(log, 'a');
  const [program, ...args] = command;
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', out, out] });
  const gone = once(child, 'exit');
  return {
    process: child,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** A gate before the journal of this database: closed, every new record waits. */
export async function openGate(url: string): Promise<Gate> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    create or replace function hold_journal() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(${GATE}); return null; end $$;
    drop trigger if exists hold_journal on journal;
    create trigger hold_journal before insert on journal for each statement execute function hold_journal();
    select pg_advisory_lock(${GATE});`);
  const waiting = async (): Promise<number | null> => {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_locks where locktype = 'advisory' and objid = ${GATE} and not granted
         and database = (select oid from pg_database where datname = current_database()) order by pid limit 1`,
    );
    return rows[0]?.pid ?? null;
  };
  return {
    waiting,
    letOnePass: async () => {
      // locks are granted in the order of asking: those that wait now pass, and the next one waits again
      await client.query(`select pg_advisory_unlock(${GATE}); select pg_advisory_lock(${GATE})`);
    },
    async lastRecord() {
      const { rows } = await client.query<{ key: string }>(
        `select concat_ws('/', operation, step, phase, state) as key from journal order by seq desc limit 1`,
      );
      return rows[0]?.key ?? '';
    },
    loseRecord: async (pid) => {
      await client.query('select pg_terminate_backend($1)', [pid]);
      while ((await waiting()) === pid) await pause(5);
    },
    close: async () => {
      await client.query('drop trigger if exists hold_journal on journal');
      await client.end();
    },
  };
}

export type Gate = {
  /** The database process that waits with a record, or null. */
  waiting(): Promise<number | null>;
  letOnePass(): Promise<void>;
  /** Operation, step, phase and state of what was written last; empty: nothing yet. */
  lastRecord(): Promise<string>;
  /** Ends that database process, so that the record was never written. */
  loseRecord(pid: number): Promise<void>;
  close(): Promise<void>;
};

/**
 * Carries an approved operation to its end through a broker that is killed at each record.
 * `both`: before and after each record; otherwise only where something is under way, which halves the time: when an intention was written, and when its effect is
 * done and the result is lost. A broker that was killed writes its intention anew before it goes on, so a place at which it was killed once is passed the next
 * time: otherwise nothing would ever go on.
 */
export async function crashThrough(options: {
  readonly gate: Gate;
  start(): Broker;
  /** Whether the operation has ended. */
  isOver(): Promise<boolean>;
  readonly both: boolean;
  /** Only at every so many-th record. */
  readonly every?: number;
  /** Only at records of these steps; absent: of all. */
  isPlace?(step: number): boolean;
  readonly patienceMs?: number;
  say?(line: string): void;
}): Promise<CrashReport> {
  const { gate, start, isOver, both, every = 1, isPlace = () => true, patienceMs = 120_000 } = options;
  const early = await gate.waiting();
  if (early !== null) await gate.loseRecord(early); // of the broker that took the operation on, killed before this began
  let broker = start();
  let kills = 0;
  let records = 0;
  const nextRecord = () => untilRecord({ gate, isOver, patienceMs, where: () => `after ${kills} kills and ${records} records` });
  try {
    const killedAt = new Set<string>();
    let isResumed = true;
    const kill = async (lost: number | null): Promise<void> => {
      await broker.kill();
      kills += 1;
      if (lost !== null) await gate.loseRecord(lost);
      broker = start();
      isResumed = true;
    };
    /** Once each. */
    const isKilledAt = (last: string, side: 'before what follows' | 'after'): boolean => {
      if (Math.floor(records / (both ? 1 : 2)) % every !== 0 || !(both || last.endsWith('/intended')) || !isPlace(Number(last.split('/')[1]))) return false;
      const place = `${side} ${last}`;
      return !killedAt.has(place) && killedAt.add(place) !== undefined;
    };
    for (let pid = await nextRecord(); pid !== null; pid = await nextRecord()) {
      const last = await gate.lastRecord();
      // what follows then is the intention anew
      const isAgain = isResumed && last.endsWith('/intended');
      if (!isAgain && isKilledAt(last, 'before what follows')) {
        await kill(pid);
        pid = await nextRecord();
        if (pid === null) break;
      }
      await gate.letOnePass();
      records += 1;
      isResumed = false;
      options.say?.(`record ${records}, ${kills} kills`);
      if (isKilledAt(await gate.lastRecord(), 'after')) await kill(null);
    }
    return { kills, records };
  } finally {
    await broker.kill();
  }
}

type Awaited = { readonly gate: Gate; isOver(): Promise<boolean>; readonly patienceMs: number; where(): string };

/** The database process that waits with the next record; null: the operation has ended. */
async function untilRecord({ gate, isOver, patienceMs, where }: Awaited): Promise<number | null> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await pause(10)) {
    const pid = await gate.waiting();
    if (pid !== null) return pid;
    if (await isOver()) return null;
  }
  throw new Error(`${where()} nothing went on for ${patienceMs / 1000} s`);
}

/**
 * Carries an approved operation to its end while something happens at each record before it is written, once at each: what happened there may make the step fail,
 * and if it happened at every attempt again nothing would ever go on. A broker runs already.
 */
export async function disturbThrough(options: {
  readonly gate: Gate;
  isOver(): Promise<boolean>;
  disturb(): Promise<void>;
  readonly every?: number;
  readonly patienceMs?: number;
}): Promise<CrashReport> {
  const { gate, isOver, disturb, every = 1, patienceMs = 120_000 } = options;
  const places = new Set<string>();
  let kills = 0;
  let records = 0;
  const next = () => untilRecord({ gate, isOver, patienceMs, where: () => `after ${kills} disturbances and ${records} records` });
  while ((await next()) !== null) {
    const place = await gate.lastRecord();
    if (records % every === 0 && !places.has(place)) {
      places.add(place);
      await disturb();
      kills += 1;
    }
    await gate.letOnePass();
    records += 1;
  }
  return { kills, records };
}
