// The page in a real browser, before a real broker whose verbs need no clusters: what a person can do with a mouse alone, with a keyboard alone, and what they are told.
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noBrowser, openBrowser } from './browser.ts';
import type { Circuit, Lan } from '../../contract/src/index.ts';
import { handsOn } from './hands.ts';
import { demoLan } from './lan.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { soon, standing, visit } from './visit.ts';

if (noBrowser !== null) process.stdout.write(`The page is not tested: ${noBrowser}\n`);

const manifest = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n';

describe.skipIf(noBrowser !== null)('the page', { timeout: 180_000 }, () => {
  let browser: Browser;
  let stage: Stage;

  beforeAll(async () => {
    [browser, stage] = await Promise.all([openBrowser(), openStage({ added: ['harbour', 'amstel', 'main', 'ebro'] })]);
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const enter = (path?: string, options?: BrowserContextOptions) => visit(browser, stage, path, options);

  it('lets nobody in without a link, and says how to get one', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(stage.wire.url);
    await page.getByText('hanse page').waitFor();
    const link = await stage.link();
    await page.goto(link);
    await page.getByRole('link', { name: /^Offers/ }).waitFor();
    expect(page.url()).toBe(`${stage.wire.url}/`); // the code has left the address
    const other = await (await browser.newContext()).newPage();
    await other.goto(link);
    await other.getByText('was used already').waitFor();
    await page.context().close();
    await other.context().close();
  });

  it('does the five verbs by mouse alone', async () => {
    const page = await enter();
    // federate
    await page.getByRole('link', { name: 'Plan federation' }).click();
    await page.getByRole('checkbox', { name: 'amstel' }).check();
    await page.getByRole('checkbox', { name: 'main' }).check();
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page
      .getByText(/undone by/)
      .first()
      .waitFor();
    expect(await stage.rows.joined()).toEqual([]); // nothing happens before it is approved
    await page.getByRole('button', { name: 'Federate with amstel and main' }).click();
    await soon(() => stage.rows.joined()).toEqual(['amstel', 'main']);
    await page.locator('.mark.joined').nth(1).waitFor();
    // deploy
    await page.locator('.mark', { hasText: 'amstel' }).click();
    await page.getByRole('link', { name: 'Deploy here…' }).click();
    await page.getByLabel('Name of the application').click();
    await page.keyboard.insertText('shop'); // as pasted
    await page.getByLabel('Manifests').click();
    await page.keyboard.insertText(manifest);
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('button', { name: 'Deploy shop' }).click();
    await soon(() => stage.rows.at('amstel')).toEqual(['shop']);
    // migrate
    await page.getByRole('navigation').getByRole('link', { name: 'Applications' }).click();
    await page.getByRole('main').getByRole('link', { name: 'shop', exact: true }).click();
    await page.getByText('shop-7d9f-0').waitFor();
    await page.getByRole('link', { name: 'Move away from amstel…' }).click();
    await page.getByLabel('To', { exact: true }).selectOption('main');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByText('Point of no return').waitFor();
    await page.getByRole('button', { name: 'Move shop from amstel to main' }).click();
    await standing(page, /Move shop.*done/);
    await page.locator('.numbers .green', { hasText: '0 lost' }).waitFor();
    await soon(() => stage.rows.at('main')).toEqual(['shop']);
    // evacuate
    await page.getByRole('link', { name: 'Map' }).click();
    await page.locator('.mark', { hasText: 'main' }).click();
    await page.getByRole('link', { name: 'Evacuate…' }).click();
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('button', { name: 'Evacuate main' }).click();
    await soon(() => stage.rows.at('amstel')).toEqual(['shop']);
    // leave: refused with its reason while something runs there, then done
    await page.goto(`${stage.wire.url}/?do=leave&provider=amstel`);
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('alert').getByText('shop runs at amstel.').waitFor();
    await page.getByRole('link', { name: 'Close' }).click();
    await page.locator('.mark', { hasText: 'main' }).click();
    await page.getByRole('link', { name: 'Leave…' }).click();
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('button', { name: 'Leave main' }).click();
    await soon(() => stage.rows.joined()).toEqual(['amstel']);
    await page.context().close();
  });

  it('does the five verbs by keyboard alone', async () => {
    const page = await enter();
    const { palette, reach, plan } = handsOn(page);
    await palette('federate');
    await reach('main');
    await page.keyboard.press('Space');
    await plan('Federate with main');
    await soon(() => stage.rows.joined()).toEqual(['amstel', 'main']);
    await palette('deploy');
    await reach('Name of the application');
    await page.keyboard.type('search');
    await page.keyboard.press('Tab');
    await page.keyboard.insertText(manifest);
    await reach('amstel');
    await page.keyboard.press('Space');
    await plan('Deploy search');
    await soon(() => stage.rows.at('amstel')).toEqual(['search', 'shop']);
    await page.getByRole('navigation').getByText('2', { exact: true }).first().waitFor();
    await palette('move search');
    await reach(/^To\b/);
    await page.keyboard.type('main');
    await plan('Move search from amstel to main');
    await soon(() => stage.rows.at('main')).toEqual(['search']);
    await palette('evacuate amstel');
    await plan('Evacuate amstel');
    await soon(() => stage.rows.at('amstel')).toEqual([]);
    await palette('leave amstel');
    await plan('Leave amstel');
    await soon(() => stage.rows.joined()).toEqual(['main']);
    await page.context().close();
  });

  it('reaches every member on the map by keyboard, and tells them in a table', async () => {
    const page = await enter();
    await page.locator('.mark').nth(4).waitFor();
    await page.getByRole('group', { name: /^Map/ }).focus();
    const reached: unknown[] = [];
    for (let steps = 0; steps < 5; steps += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(`document.activeElement?.getAttribute('data-thing')`));
    }
    expect(reached).toEqual(expect.arrayContaining(['amstel', 'ebro', 'harbour', 'main']));
    const rows = page.getByRole('table', { name: /members? of the map/ }).getByRole('row');
    await soon(() => rows.count()).toBe(7); // a head, four added, two offered
    await page.context().close();
  });

  it('says so when the connection is lost, and goes on without being loaded anew', async () => {
    const page = await enter();
    await page.evaluate(`document.body.dataset.same = 'page'`);
    await stage.wire.cut();
    await page.getByRole('alert').getByText('The connection to the broker is lost').waitFor();
    await stage.rows.peer('amstel');
    await stage.wire.mend();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.locator('.mark.joined', { hasText: 'amstel' }).waitFor(); // what happened meanwhile
    expect(await page.evaluate(`document.body.dataset.same`)).toBe('page');
    const id = await stage.start('leave', { provider: 'ebro' }); // and what happens from now on
    await stage.until(id, (state) => state === 'done');
    await standing(page, /Leave ebro.*done/);
    await stage.rows.part('amstel');
    await page.context().close();
  });

  it('shows an operation that fails, and that what was done is taken back', async () => {
    const page = await enter();
    const id = await stage.start('federate', { providers: ['ebro'] });
    await standing(page, /rolled back/);
    await standing(page, /ebro refuses the resource slice: its quota is used up/);
    await page.goto(`${stage.wire.url}/operations/${id}`);
    await page.locator('.steps .undone').first().waitFor();
    await page.getByText('CLUSTER_REJECTED').waitFor();
    expect(await stage.rows.joined()).not.toContain('ebro');
    await page.context().close();
  });

  it('offers only what is possible at the moment: rolling back before the point of no return', async () => {
    const page = await enter();
    const open = stage.gates.hold('detach');
    const before = await stage.rows.at('main');
    await stage.rows.peer('amstel');
    const id = await stage.start('migrate', { application: 'shop', from: 'main', to: 'amstel' });
    await page.locator('.steps .active', { hasText: 'Take main out of the endpoints' }).waitFor();
    await soon(() => page.title()).toMatch(/^3 of 8 – Move shop from main to amstel/);
    await page.getByRole('button', { name: 'Roll back' }).click();
    await stage.until(id, (state) => state === 'rolledBack');
    await standing(page, /rolled back/);
    expect(await page.getByRole('button', { name: 'Roll back' }).count()).toBe(0);
    open();
    expect(await stage.rows.at('main')).toEqual(before);
    await page.context().close();
  });

  it('pauses between two steps and resumes; what is offered is what can be done then', async () => {
    const page = await enter();
    await stage.rows.peer('main');
    await stage.rows.peer('amstel');
    const [at] = await stage.rows.at('main');
    const open = stage.gates.hold('arrive');
    const id = await stage.start('migrate', { application: at ?? '', from: 'main', to: 'amstel' });
    await page.locator('.steps .active', { hasText: 'Every data plane has them' }).waitFor();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByText('Pauses as soon as this has ended: Every data plane has them').waitFor();
    open();
    await page.getByText('Paused: no other step is begun. Next: Take main out of the endpoints').waitFor();
    await soon(() => page.title()).toMatch(/^paused, 3 of 8/);
    expect(await page.getByRole('button', { name: 'Pause', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Resume' }).click();
    await stage.until(id, (state) => state === 'done');
    await page.context().close();
  });

  it('shows a provider who uses its clusters, and lets it answer by a plan', async () => {
    stage.consumers = [
      {
        cluster: 'harbour',
        consumer: 'lighthouse',
        namespace: 'liqo-tenant-lighthouse',
        since: '2026-11-20T08:00:00.000Z',
        answer: 'ask',
        reason: null,
        maxCpu: '8',
        maxMemory: null,
        maxPods: null,
        standing: 'open',
        federatedSince: null,
        plan: null,
        namespaces: [],
        running: { pods: 0, cpuMillis: 0, memoryBytes: 0 },
        wishes: [{ name: 'harbour', resources: { cpu: '4', memory: '8Gi' }, state: 'asked' }],
      },
    ];
    const page = await enter('/provider');
    const row = page.getByRole('row', { name: /lighthouse/ });
    await row.getByText('cpu 4 · memory 8Gi').waitFor();
    await row.getByText('asks you').waitFor();
    expect(await row.getByRole('link', { name: /^uncordon|^be asked/ }).count()).toBe(0); // it would change nothing
    await row.getByRole('link', { name: 'accept lighthouse' }).click();
    expect(await page.getByRole('textbox', { name: 'Consumer' }).inputValue()).toBe('lighthouse');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('button', { name: 'Say yes to lighthouse' }).click();
    await standing(page, /Say yes to lighthouse.*done/);
    stage.consumers = [];
    await page.context().close();
  });

  it('says what calls for a decision, what was decided, and what awaits a person, for as long as it holds', async () => {
    const page = await enter();
    const reaction = {
      id: 're-1',
      cause: 'unreachable' as const,
      provider: 'main',
      application: 'shop',
      found: 'main does not answer',
      because: ['The policy asks before it moves.'],
      since: '2026-11-22T14:02:00.000Z',
      holdUntil: '2026-11-22T14:02:20.000Z',
      decidedAt: null,
      overAt: null,
      operation: null,
    };
    await stage.rows.react({ ...reaction, state: 'asking' });
    stage.api.ring();
    const alarm = page.getByRole('status', { name: 'What calls for a decision' });
    await alarm.getByText('A plan waits for you.').waitFor();
    await alarm.getByText('main does not answer').waitFor();
    await stage.rows.react({ ...reaction, state: 'over' });
    stage.api.ring();
    await alarm.waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('shows that a circuit is degraded, with the words of its exchange, for as long as it is', async () => {
    const reason = 'degraded: loss on the metro ring';
    const tell = async (lan: Lan | null) => {
      stage.lans = lan === null ? [] : [lan];
      await stage.rows.tell('circuit');
      stage.api.ring();
    };
    const lan = demoLan();
    await tell(lan);
    const page = await enter('/members/amstel');
    const degraded = page.locator('path.circuit.degraded');
    await page.getByText('ready · 1 Gbit/s').waitFor();
    expect(await degraded.count()).toBe(0);
    const isIts = ({ kind, member }: Circuit) => kind === 'attachment' && member === 'amstel';
    await tell({ ...lan, circuits: lan.circuits.map((one) => (isIts(one) ? { ...one, state: 'degraded', messages: [reason] } : one)) });
    await page.getByText(`degraded · 1 Gbit/s · ${reason}`).waitFor();
    await soon(() => degraded.allTextContents()).toEqual([`amstel at ams-ix, VLAN 813: degraded; ${reason}`]);
    const colour = (state: string) => page.evaluate(`getComputedStyle(document.querySelector('path.circuit.${state}')).stroke`);
    expect(await colour('degraded')).not.toBe(await colour('ready'));
    await tell(lan);
    await page.getByText('ready · 1 Gbit/s').waitFor();
    await soon(() => degraded.count()).toBe(0);
    await tell(null);
    await page.context().close();
  });

  it('opens what stands behind a fact: its credential, with every check', async () => {
    const page = await enter('/members/main');
    await page.getByRole('button', { name: /^Proof of label/ }).click();
    const checks = page.getByRole('list', { name: 'Checks' });
    await checks.getByRole('img', { name: 'passed' }).first().waitFor();
    expect(await checks.getByRole('listitem').count()).toBeGreaterThan(3);
    await page.context().close();
  });
});
