// JSON as PostgreSQL can keep it. Text from outside may hold what jsonb refuses: NUL and halves of surrogate pairs become U+FFFD.

/** A match is an escaped backslash (kept), NUL, or a surrogate: JSON.stringify escapes only those that stand alone (ECMA-262 §25.5.2.3). */
const refused = /\\\\|\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** For a column of type jsonb. */
export const document = (value: unknown): string => (JSON.stringify(value) ?? 'null').replace(refused, (match) => (match === '\\\\' ? match : '\ufffd'));
