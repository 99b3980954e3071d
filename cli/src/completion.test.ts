import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { hanse } from '../../test/cli.ts';

const complete = (script: string, words: readonly string[]): string[] =>
  execFileSync('bash', [
    '-c',
    `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _hanse; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ])
    .toString()
    .trim()
    .split('\n');

it('completes commands, subcommands and options in bash', async () => {
  const { out, exit } = await hanse(['completion', 'bash'], { url: '' });
  expect(exit).toBe(0);
  expect(complete(out, ['hanse', 'mig'])).toEqual(['migrate']);
  expect(complete(out, ['hanse', 'cluster', 'a'])).toEqual(['add']);
  expect(complete(out, ['hanse', 'cluster', 'add', '--kube'])).toEqual(['--kubeconfig']);
  expect(complete(out, ['hanse', 'operations', ''])).toContain('watch');
});

it('prints scripts for zsh and fish', async () => {
  expect((await hanse(['completion', 'zsh'], { url: '' })).out).toContain('#compdef hanse');
  expect((await hanse(['completion', 'fish'], { url: '' })).out).toContain("-a 'migrate' -f");
  expect((await hanse(['completion', 'tcsh'], { url: '' })).exit).toBe(2);
});
