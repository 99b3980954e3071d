// The program `hanse`.
import { cli } from './cli.ts';
import { processTerminal } from './processTerminal.ts';

process.exitCode = await cli(process.argv.slice(2), {
  terminal: processTerminal(),
  version: '0.1.0',
  serve: async ({ config }) => {
    const { main } = await import('../../broker/src/main.ts');
    return (await main(config === undefined ? [] : ['--config', config])) === 0 ? 'done' : 'error';
  },
});
