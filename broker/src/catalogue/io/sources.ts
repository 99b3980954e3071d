// Reads the folders and https addresses of the configuration into the tables, as the harvester does with what is read bit by bit: what a source stands for is
// what the tables say, the same for every broker. One source that fails does not silence the others.
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { presentationBytesMax } from '../judge/credential.ts';
import { quoted } from '../judge/json.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { fetchText } from './fetchText.ts';
import { differencesIn, isOnlyCompared, marksOf, readBy } from './folders.ts';
import type { Reader } from './folders.ts';
import type { FetchRules } from './fetchText.ts';
import * as limits from './harvest/limits.ts';
import type { HarvestRecord } from './harvest/record.ts';
import type { HarvestRows, Standing } from './harvest/rows.ts';
import type { Item } from './harvest/step.ts';
import { bytesAtOnce } from './received.ts';
import { tokensIn } from './tokens.ts';

export type Failure = { readonly source: string; readonly reason: string };

export type PlainOptions = {
  readonly rows: HarvestRows;
  readonly rules: Omit<FetchRules, 'bytesMax'>;
  readonly askAgainMs: number;
  readonly heldMax: limits.HeldMax;
  /** Of folders. */
  readonly reader: Reader;
  now(): number;
};

/** Answers what could not be read. An address is asked when it is due, whoever of the brokers asked it last. */
export type ReadPlain = (owner: string, source: string) => Promise<readonly Failure[]>;

const filesMax = 10_000;
const answerBytesMax = 8 * 1024 * 1024;
const endings = /\.(jwt|vc|vp|txt|json|jsonld)$/;

/** What one file or address gave; `id`: what it is called within its source. */
type Piece = { readonly id: string; readonly text: string } | { readonly id: string; readonly reason: string };

export function createPlain(options: PlainOptions): ReadPlain {
  const { rows, rules, reader, now } = options;
  return async (owner, source) => {
    const standing = await rows.standing(owner, source);
    const { record } = standing;
    if (!source.includes('://')) {
      const place = { key: `${owner} ${source}`, marks: await marksOf(source) };
      const isCompared = await isOnlyCompared(reader, place, record, now());
      const failures = await keep(options, { owner, source, standing, isCompared }, fromFolder(source));
      reader.seen.set(place.key, place.marks);
      return failures;
    }
    if (record.againAt !== null && Date.parse(record.againAt) > now()) return failuresOf(source, record);
    const fetched = await fetchText(source, { ...rules, bytesMax: answerBytesMax });
    return keep(options, { owner, source, standing, isCompared: null }, [
      { id: '', ...('failure' in fetched ? { reason: fetched.failure } : { text: fetched.text }) },
    ]);
  };
}

const failuresOf = (source: string, { failure, limited }: HarvestRecord): readonly Failure[] =>
  [limited === null ? null : `limited: ${limited.reason}`, failure].flatMap((reason) => (reason === null ? [] : [{ source, reason }]));

/** Files *.jwt, *.vc, *.vp, *.txt, and *.json for what it is, in order of their names; each holds one credential or several, one a line. */
async function* fromFolder(folder: string): AsyncIterable<Piece> {
  const names = await readdir(folder).catch(() => null);
  if (names === null) return yield { id: '', reason: 'the folder cannot be read: what it gave last still counts' };
  for (const id of names
    .filter((each) => endings.test(each))
    .toSorted()
    .slice(0, filesMax)) {
    const text = await readBounded(join(folder, id));
    yield text === null ? { id, reason: `it cannot be read, or is larger than ${answerBytesMax} bytes` } : { id, text };
  }
}

/** A file that grows, or a device that never ends, is read no further than the limit. */
async function readBounded(path: string): Promise<string | null> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    if (size > answerBytesMax) return null;
    const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return null;
  } finally {
    await file.close();
  }
}

/** Nothing that a table or a screen cannot take. */
const idOf = (piece: string, at: number): string => quoted(at === 0 ? piece : `${piece} (${at + 1})`, 300);

const itemsIn = ({ id, text }: { readonly id: string; readonly text: string }): Item[] =>
  tokensIn(text).map((each, at) => ({ id: idOf(id, at), text: each.slice(0, presentationBytesMax + 1) }));

const spare = (gone: Set<string>, piece: string): void => {
  for (const id of gone) if (id === piece || id.startsWith(`${piece} (`)) gone.delete(id);
};

/** `isCompared`: of a folder, whether nothing of it is written; null: it is none. */
type Keeping = { readonly owner: string; readonly source: string; readonly standing: Standing; readonly isCompared: boolean | null };

/** Step by step, as much as fits into memory; what is there already is not written again. */
async function keep(
  { rows, askAgainMs, heldMax, reader, now }: PlainOptions,
  { owner, source, standing: begun, isCompared }: Keeping,
  pieces: AsyncIterable<Piece> | Iterable<Piece>,
): Promise<readonly Failure[]> {
  const at = new Date(now());
  const before = await rows.items(owner, source);
  const gone = new Set(before.keys());
  const failures: Failure[] = [];
  let isWhole = true;
  let isLimited = false;
  let differences = 0;
  let { received, removed } = begun.record;
  let version: number | null = begun.version;
  let batch: Item[] = [];
  let bytes = 0;
  const excess = `it gives more than ${heldMax.items} credentials or ${heldMax.bytes} bytes, with what it gave before and is still kept`;
  const recordNow = (): HarvestRecord => ({ ...begun.record, received, removed });
  const write = async (last: { readonly record: HarvestRecord; readonly gone: readonly string[] } | null): Promise<void> => {
    if (version === null) return;
    const room = await rows.room(owner, source, batch, heldMax);
    isLimited ||= room.length < batch.length;
    received += room.length;
    const fits = new Set(room);
    // what stood there before stands there no longer, whether or not there is room for what does
    const replaced = batch.filter((item) => !fits.has(item) && before.has(item.id)).map(({ id }) => id);
    const kept = { items: room, declined: [], listed: [], gone: [...(last?.gone ?? []), ...replaced], isSwept: false };
    removed += kept.gone.length;
    const record = last === null ? recordNow() : { ...last.record, received, removed };
    const done = await rows.keep(owner, source, { cursor: null, version, record: limitedNow(record) }, kept, at);
    // another broker reads the same source: what that one writes counts
    version = done === null ? null : version + 1;
    batch = [];
    bytes = 0;
  };
  const limitedNow = (record: HarvestRecord): HarvestRecord => ({
    ...record,
    limited: isLimited ? { at: begun.record.limited?.at ?? at.toISOString(), until: new Date(at.getTime() + askAgainMs).toISOString(), reason: excess } : null,
  });
  for await (const piece of pieces) {
    if ('reason' in piece) {
      failures.push({ source: piece.id === '' ? source : join(source, piece.id), reason: piece.reason });
      // not to be had today: what was there the last time still counts
      if (piece.id === '') isWhole = false;
      spare(gone, idOf(piece.id, 0));
      continue;
    }
    for (const item of itemsIn(piece)) {
      gone.delete(item.id);
      if (before.get(item.id) === sha256Hex(item.text)) continue;
      differences += 1;
      if (isCompared === true) continue;
      batch.push(item);
      bytes += item.text.length;
      if (bytes > bytesAtOnce || batch.length >= limits.itemsPerStepMax) await write(null);
    }
  }
  const lost = isWhole ? [...gone] : [];
  const [failure] = failures;
  const found = { count: differences + lost.length, isCompared, isWhole, at };
  const record: HarvestRecord = {
    ...readBy(begun.record, reader.name, found),
    turns: begun.record.turns + 1,
    triedAt: at.toISOString(),
    succeededAt: failure === undefined ? at.toISOString() : begun.record.succeededAt,
    againAt: source.includes('://') ? new Date(at.getTime() + askAgainMs).toISOString() : null,
    failure: failure?.reason ?? null,
    failures: failure === undefined ? 0 : begun.record.failures + 1,
    refused: failures.length,
    reasons: failures.slice(0, limits.reasonsMax).map(({ source: id, reason }) => ({ id: quoted(id), reason: quoted(reason, 300), at: at.toISOString() })),
  };
  await write({ record, gone: isCompared === true ? [] : lost });
  const more = [...(isLimited ? [`limited: ${excess}`] : []), ...differencesIn(record)];
  return [...failures, ...more.map((reason) => ({ source, reason }))];
}
