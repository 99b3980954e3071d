// The public face of reactions.
export { causes, type Cause, type Reaction, type Signal } from './reaction.ts';
export { type ReactWords, type Rules, usualRules, usualWord, type Word, words } from './rules.ts';
