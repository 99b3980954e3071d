import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cuttable, hanse as run, testBroker } from '../../test/cli.ts';
import type { Ran, RunOptions, TestBroker } from '../../test/cli.ts';
import { testStore } from '../../test/database.ts';
import type { TestStore } from '../../test/database.ts';
import { operation } from '../../contract/src/operation.ts';

let test: TestStore;
let broker: TestBroker;
beforeAll(async () => {
  test = await testStore();
  broker = await testBroker(test.store);
  await broker.start();
});
afterAll(async () => {
  await broker.stop();
  await test.close();
});

const hanse = (words: string, options: Partial<RunOptions> = {}): Promise<Ran> => run(words.split(' '), { url: broker.api().url, ...options });
const newest = async () => operation.parse((JSON.parse((await hanse('operations list -o json --limit 1')).out) as unknown[])[0]);

describe('a changing verb', () => {
  it('shows the plan, asks, carries it out and tells every step', async () => {
    const { exit, out, err } = await hanse('delete box', { answers: ['y'] });
    expect(exit).toBe(0);
    expect(out).toContain('Fill the box box\n\n1  + Write one row\n      here in the broker; undone by: Remove the row\n2  - Write the second row (box)\n');
    expect(out).toContain('  colour: any\n\nPlan: 2 steps, 1 deletes something; a failure at any step undoes everything.\n');
    expect(err).toContain('Proceed? [y/N] ');
    expect(err).toMatch(/✓.* 1\/2 Write one row\n/);
    expect(err).toMatch(/✓.* 2\/2 Write the second row \(box\)\n/);
    expect(err).toMatch(/Done after [\d.]+ m?s: Fill the box box/);
  });

  it('changes nothing when it is only tried, declined, or nobody can be asked', async () => {
    const rows = await broker.rows();
    const tried = await hanse('delete box --dry-run');
    expect(tried).toMatchObject({ exit: 0, err: 'A dry run: nothing was changed.\n' });
    expect(tried.out).toContain('Plan: 2 steps');
    const declined = await hanse('delete box', { answers: ['no'] });
    expect(declined.exit).toBe(7);
    expect((await newest()).state).toBe('discarded');
    const before = (await newest()).id;
    const alone = await hanse('delete box');
    expect(alone.exit).toBe(7);
    expect(alone.err).toContain('there is nobody to ask here');
    expect(alone.err).toContain('--yes');
    expect((await newest()).id).toBe(before);
    expect(await broker.rows()).toBe(rows);
  });

  it('ends with 0 when there is nothing to do and with 3 when it is refused, with the remedy', async () => {
    expect(await hanse('delete full --yes')).toEqual({ exit: 0, out: 'Nothing to do: the box is full already.\n', err: '' });
    expect(await hanse('delete locked --yes')).toEqual({ exit: 3, out: '', err: 'Error: The box is locked.\n  Unlock it.\n' });
  });

  it('ends with 4 when it failed and everything was undone', async () => {
    const rows = await broker.rows();
    const { exit, err } = await hanse('delete fail --yes');
    expect(exit).toBe(4);
    expect(err).toContain('✗ 2/2 Write the second row (fail): The box is too small.\n      Take a larger box.\n');
    expect(err).toMatch(/↩ 1\/2 Remove the row/);
    expect(err).toContain('Rolled back: Fill the box fail');
    expect(await broker.rows()).toBe(rows);
  });

  it('ends with 5 when the operation asks and nobody is there; the answer lets it go on', async () => {
    const { exit, err } = await hanse('delete ask --yes');
    expect(exit).toBe(5);
    expect(err).toContain('? Which colour?\n');
    const { id } = await newest();
    for (const key of ['red', 'blue']) expect(err).toContain(`hanse operations answer ${id} ${key}  `);
    expect((await hanse(`operations answer ${id} green`)).exit).toBe(2);
    expect((await hanse(`operations answer ${id} red --wait`)).exit).toBe(0);
    expect((await hanse(`operations answer ${id} red`)).err).toContain('it asks nothing');
  });

  it('asks the person who is there', async () => {
    const { exit, err } = await hanse('delete ask', { answers: ['y', 'nonsense', 'blue'] });
    expect(exit).toBe(0);
    expect(err).toContain('Answer [red/blue]: ');
  });

  it('answers one JSON or YAML document and tells the rest on standard error', async () => {
    const json = await hanse('delete box --yes -o json');
    expect(operation.parse(JSON.parse(json.out))).toMatchObject({ state: 'done', stepsDone: 2, stepsTotal: 2 });
    expect(json.err).toContain('Plan: 2 steps');
    expect(operation.parse(parse((await hanse('delete box --yes -o yaml')).out))).toMatchObject({ state: 'done' });
    expect(JSON.parse((await hanse('delete locked --yes -o json')).out)).toMatchObject({ code: 'REFUSED', status: 422 });
    expect(JSON.parse((await hanse('delete full --yes -o json')).out)).toMatchObject({ kind: 'nothing' });
  });

  it('writes colours and control characters to no file', async () => {
    const { out, err } = await hanse('delete box --yes');
    expect(out + err).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

describe('the tour of the demo', () => {
  it('begins nothing where no demo runs', async () => {
    const { exit, err } = await hanse('demo tour --pace 0');
    expect(exit).toBe(1);
    expect(err).toMatch(/^Error: No demo runs for this account\.\n.*npm start/);
  });
});

describe('an operation that takes long', () => {
  let gated: TestBroker;
  let other: TestStore;
  beforeAll(async () => {
    other = await testStore();
  });
  afterAll(() => other.close());
  const fresh = async (): Promise<void> => {
    gated = await testBroker(other.store);
    await gated.start();
  };

  it('is followed through a connection that breaks, without missing or repeating a step', async () => {
    await fresh();
    const between = await cuttable(gated.api().url);
    const { port } = new URL(gated.api().url);
    await gated.stop();
    await gated.start(Number(port), [new URL(between.url).host]);
    let stage = 0;
    const { exit, err } = await run(['delete', 'gated', '--yes'], {
      url: between.url,
      onErr: (heard) => {
        if (stage === 0 && heard.includes('1/2 Write one row')) {
          stage = 1;
          void between.cut();
        } else if (stage === 1 && heard.includes('The connection was lost')) {
          stage = 2;
          void between.mend();
        } else if (stage === 2 && heard.includes('Connected again.')) {
          stage = 3;
          gated.gate.open();
        }
      },
    });
    await between.cut();
    await gated.stop();
    expect(err).toMatch(/lost[^]*again[^]*2\/2 Write the second row/);
    expect(err.match(/✓ 1\/2/g)).toHaveLength(1);
    expect(exit).toBe(0);
  });

  it('is followed through a restart of the broker', async () => {
    await fresh();
    const { url } = gated.api();
    let stage = 0;
    const { exit, err } = await run(['delete', 'gated', '--yes'], {
      url,
      onErr: (heard) => {
        if (stage === 0 && heard.includes('1/2 Write one row')) {
          stage = 1;
          void gated.stop().then(() => gated.start(Number(new URL(url).port)));
        } else if (stage === 1 && heard.includes('Connected again.')) {
          stage = 2;
          gated.gate.open();
        }
      },
    });
    await gated.stop();
    expect(err).toContain('The connection was lost');
    expect(err.match(/✓ 1\/2/g)).toHaveLength(1);
    expect(exit).toBe(0);
  });

  it('goes on after Ctrl-C, which says how to see and how to undo it', async () => {
    await fresh();
    let isInterrupted = false;
    const { exit, err } = await run(['delete', 'gated', '--yes'], {
      url: gated.api().url,
      onErr: (heard, { interrupt }) => {
        if (isInterrupted || !heard.includes('1/2 Write one row')) return;
        isInterrupted = true;
        interrupt();
      },
    });
    expect(exit).toBe(6);
    const id = /operation (op-\w+) goes on/.exec(err)?.[1] ?? '';
    expect(err).toContain(`hanse operations watch ${id}`);
    const url = gated.api().url;
    expect((await run(['operations', 'watch', id, '--timeout', '0'], { url })).exit).toBe(6);
    const cancelled = await run(['operations', 'cancel', id, '--wait'], { url });
    expect(cancelled.err).toContain('Rolled back as asked');
    expect(cancelled.exit).toBe(0);
    const started = await run(['delete', 'box', '--yes', '--no-wait'], { url });
    expect(started).toMatchObject({ exit: 0, err: '' });
    expect(started.out).toContain('was started');
    const [, started2] = /Operation (op-\w+)/.exec(started.out) ?? [];
    expect((await run(['operations', 'watch', started2 ?? ''], { url })).exit).toBe(0);
    const shown = await run(['operations', 'show', id], { url });
    expect(shown.out).toContain('rolledBack, 0 of 2 steps');
    await gated.stop();
  });
});

describe('being used wrongly', () => {
  it('ends with 2 and says what to correct', async () => {
    const wrong = [
      'wrong',
      'delete',
      'delete box --output xml',
      'get planets',
      'federate',
      'deploy x -f /nowhere/at.all',
      'operations watch x --timeout soon',
      'resize pa',
      'resize pa --cpu many',
    ];
    for (const words of wrong) {
      const { exit, err } = await hanse(words);
      expect([words, exit]).toEqual([words, 2]);
      expect(err).not.toBe('');
    }
  });

  it('says which kinds there are when none is named, or one that is none', async () => {
    for (const words of ['get', 'get planets']) expect((await hanse(words)).err).toMatch(/^Kinds: clusters, .*receipts, operations\.$/m);
    for (const words of ['schema', 'schema Planet']) expect((await hanse(words)).err).toMatch(/^Kinds: Federation, Application, Policy\.$/m);
  });

  it('says how to start a broker when none answers, and what to do about a wrong token', async () => {
    const gone = await cuttable(broker.api().url);
    await gone.cut();
    const { exit, err } = await hanse('get clusters', { url: gone.url });
    expect(exit).toBe(1);
    expect(err).toBe(`Error: No broker answers at ${gone.url}.\n  Start one with \`hanse serve\` (or \`npm start\`), or set HANSE_URL to where it runs.\n`);
    const stranger = await hanse('get clusters', { env: { HANSE_TOKEN: 'wrong' } });
    expect(stranger.exit).toBe(1);
    expect(stranger.err).toContain('does not accept the token');
    expect((await hanse('get clusters', { url: 'file:///etc/passwd' })).exit).toBe(2);
  });

  it('holds no more of an answer than a broker gives, whoever answers there', async () => {
    const flood = Buffer.alloc(1024 * 1024, 0x20);
    let sent = 0;
    const stranger = createServer((_, response) => {
      const pour = (): void => {
        while (!response.destroyed && sent < 1000) {
          sent += 1;
          if (!response.write(flood)) return void response.once('drain', pour);
        }
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      pour();
    });
    await once(stranger.listen(0, '127.0.0.1'), 'listening');
    const { exit, err } = await hanse('get clusters', { url: `http://127.0.0.1:${(stranger.address() as AddressInfo).port}` });
    expect(exit).toBe(1);
    expect(err).toContain('answers with more than 64 MiB');
    expect(sent).toBeLessThan(200);
    stranger.closeAllConnections();
    stranger.close();
  });

  it('documents its exit codes in --help', async () => {
    const { exit, out } = await hanse('--help');
    expect(exit).toBe(0);
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7]) expect(out).toMatch(new RegExp(`^  ${code}  `, 'm'));
  });
});

describe('lists', () => {
  it('are aligned tables for people and whole documents for programs', async () => {
    const { out } = await hanse('operations list --limit 3');
    const [head = '', ...rows] = out.trimEnd().split('\n');
    expect(head).toMatch(/^ID +VERB +SUBJECT +STATE +STEPS +AGE +BY$/);
    expect(rows.length).toBe(3);
    for (const row of rows) expect(row.indexOf('delete')).toBe(head.indexOf('VERB'));
    expect(await hanse('get clusters -o json')).toMatchObject({ exit: 0, out: '[]\n' });
    expect((await hanse('get receipts')).out).toContain('There is no receipt yet');
  });
});
