// Frames as the browser itself counts them: a trace of Chromium's compositor and of its main thread.
import type { Page } from 'playwright-core';
import { z } from 'zod';

export type Frames = { readonly presented: number; readonly dropped: number; readonly longestTaskMs: number };

const traceEvent = z.looseObject({ name: z.string().default(''), dur: z.number().optional(), args: z.looseObject({}).default({}) });
const report = z.looseObject({ state: z.string().default('') });
/** It changed its name between versions of Chromium. */
const reporter = z.looseObject({ frame_reporter: report.optional(), chrome_frame_reporter: report.optional() });

export const framesWhile = async (page: Page, act: () => Promise<void>): Promise<Frames> => {
  const session = await page.context().newCDPSession(page);
  const events: z.infer<typeof traceEvent>[] = [];
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
  const reports = events.flatMap(({ name, args }) => {
    const parsed = name === 'PipelineReporter' ? reporter.safeParse(args).data : undefined;
    return parsed?.frame_reporter ?? parsed?.chrome_frame_reporter ?? [];
  });
  const tasks = events.filter(({ name }) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask').map(({ dur }) => dur ?? 0);
  return {
    presented: reports.filter(({ state }) => state.startsWith('STATE_PRESENTED')).length,
    dropped: reports.filter(({ state }) => state === 'STATE_DROPPED').length,
    longestTaskMs: Math.round(tasks.reduce((most, dur) => Math.max(most, dur), 0) / 1000),
  };
};
