// Completion scripts, made from the commands themselves.
import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export const completionScript = (program: Command, shell: Shell): string => {
  const table = wordsOf(program);
  if (shell === 'fish') return fish(table);
  return shell === 'zsh' ? zsh(table) : bash(table);
};

type Words = { readonly path: string; readonly words: readonly { readonly word: string; readonly about: string }[] };

const wordsOf = (program: Command): Words[] => {
  const visit = (command: Command, path: readonly string[]): Words[] => {
    const subcommands = command.commands.filter((sub) => sub.name() !== 'help').map((sub) => ({ word: sub.name(), about: sub.description() }));
    const options = command.options
      .filter((option) => !option.hidden)
      .flatMap((option) => (option.long ? [{ word: option.long, about: option.description }] : []));
    return [
      { path: path.join(' '), words: [...subcommands, ...options, { word: '--help', about: 'Show help' }] },
      ...command.commands.flatMap((sub) => visit(sub, [...path, sub.name()])),
    ];
  };
  return visit(program, []);
};

const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const cases = (table: readonly Words[]): string =>
  table.map(({ path, words }) => `    ${single(path)}) words=${single(words.map(({ word }) => word).join(' '))} ;;`).join('\n');

const bash = (table: readonly Words[]): string => `# bash completion of hanse: source <(hanse completion bash)
_hanse() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words='' path='' next i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case "$next" in
      ${known(table)}) path="$next" ;;
      *) break ;;
    esac
  done
  case "$path" in
${cases(table)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$current"))
  return 0
}
complete -F _hanse hanse
`;

const known = (table: readonly Words[]): string =>
  table
    .filter(({ path }) => path !== '')
    .map(({ path }) => single(path))
    .join('|');

const zsh = (table: readonly Words[]): string => `#compdef hanse
# zsh completion of hanse: source <(hanse completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bash(table)}`;

const fish = (table: readonly Words[]): string => {
  const lines = table.flatMap(({ path, words }) =>
    words.map(({ word, about }) => {
      const when = path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1) ?? ''}`;
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${single(word)} -f`;
      return `complete -c hanse -n ${single(when)} ${what} -d ${single(about)}`;
    }),
  );
  return `# fish completion of hanse: hanse completion fish | source\n${lines.join('\n')}\n`;
};
