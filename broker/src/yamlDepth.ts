// How deeply YAML is nested, asked before it is read: the reader calls itself for each level. Where the stack ends inside of one of its regular expressions the
// process ends with it (V8: "RegExpCompiler Allocation failed"), and no catch hears of that.
import { Lexer, Parser } from 'yaml';

/** A CustomResourceDefinition, the deepest of what people write, is below 40. The stack ends at some thousands. */
const levelsMax = 200;

/** Reads no further than to the first level too many, and calls itself for none. */
export function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _token of parser.next(lexeme));
    if (parser.stack.length > levelsMax) return true;
  }
  return false;
}
