// Several credentials in one text.

const tokensMax = 10_000;

/** Tokens, one a line; JSON is one thing, so that it can be said what it is. */
export const tokensIn = (text: string): string[] => (/^\s*[{[]/.test(text) ? [text] : text.split(/\s+/)).filter((each) => each !== '').slice(0, tokensMax);
