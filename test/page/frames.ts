// What moving the page costs, as the browser itself counts it: a trace of Chromium's compositor and of its main thread. Times are of the processor: what else
// this machine does at the moment does not count.
import type { Page } from 'playwright-core';
import { z } from 'zod';

export type Frames = {
  readonly presented: number;
  readonly dropped: number;
  /** Of documents that had something to lay out. */
  readonly layouts: number;
  readonly scriptMs: number;
  readonly styleMs: number;
  readonly layoutMs: number;
  readonly paintMs: number;
  /** The longest task of the page's main thread. */
  readonly longestTaskMs: number;
};

const traceEvent = z.looseObject({
  name: z.string().default(''),
  ph: z.string().default(''),
  tid: z.number().default(0),
  pid: z.number().default(0),
  /** Microseconds of the processor. */
  tdur: z.number().default(0),
  args: z.looseObject({}).default({}),
});
type TraceEvent = z.infer<typeof traceEvent>;
const report = z.looseObject({ state: z.string().default('') });
/** It changed its name between versions of Chromium. */
const reporter = z.looseObject({ frame_reporter: report.optional(), chrome_frame_reporter: report.optional() });

export const framesWhile = async (page: Page, act: () => Promise<void>): Promise<Frames> => {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...z.array(traceEvent).parse(value)));
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['cc', 'viz', 'benchmark', 'devtools.timeline', 'toplevel'] },
  });
  await act();
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  return framesIn(events);
};

const framesIn = (events: readonly TraceEvent[]): Frames => {
  const reports = events.flatMap(({ name, args }) => {
    const parsed = name === 'PipelineReporter' ? reporter.safeParse(args).data : undefined;
    return parsed?.frame_reporter ?? parsed?.chrome_frame_reporter ?? [];
  });
  const main = events.find(({ name }) => name === 'UpdateLayoutTree' || name === 'EventDispatch');
  const own = events.filter(({ pid, tid, ph }) => ph === 'X' && pid === main?.pid && tid === main.tid);
  const msOf = (...names: readonly string[]): number => {
    const found = own.filter(({ name }) => names.includes(name)).reduce((sum, { tdur }) => sum + tdur, 0);
    return Math.round(found / 100) / 10;
  };
  const tasks = own.filter(({ name }) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask').map(({ tdur }) => tdur);
  return {
    presented: reports.filter(({ state }) => state.startsWith('STATE_PRESENTED')).length,
    dropped: reports.filter(({ state }) => state === 'STATE_DROPPED').length,
    layouts: own.filter(({ name }) => name === 'Layout').length,
    scriptMs: msOf('EventDispatch', 'FireAnimationFrame', 'TimerFire'),
    styleMs: msOf('UpdateLayoutTree'),
    layoutMs: msOf('Layout'),
    paintMs: msOf('PrePaint', 'Paint', 'Layerize', 'Commit'),
    longestTaskMs: Math.round(tasks.reduce((most, tdur) => Math.max(most, tdur), 0) / 1000),
  };
};
