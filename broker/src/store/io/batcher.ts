// Many small requests of one process become few statements: what comes while one batch is under way goes into the next.

export type Batcher<In, Out> = {
  /** Settles with the request's own answer. */
  do(request: In): Promise<Out>;
  /** Resolves when nothing is under way or waiting. */
  idle(): Promise<void>;
};

type Waiting<In, Out> = { readonly request: In; resolve(answer: Out): void; reject(error: unknown): void };

/** `run` answers in the order of its requests. One batch at a time; one that fails is tried again request by request, so that none spoils another's. */
export function createBatcher<In, Out>(run: (requests: readonly In[]) => Promise<readonly Out[]>, requestsMax: number): Batcher<In, Out> {
  let waiting: Waiting<In, Out>[] = [];
  let working: Promise<void> | null = null;

  const settle = async (batch: readonly Waiting<In, Out>[]): Promise<void> => {
    try {
      const answers = await run(batch.map(({ request }) => request));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answer = answers[index];
        if (answer === undefined) reject(new Error('a batch was answered by half'));
        else resolve(answer);
      }
    } catch (error) {
      if (batch.length > 1) for (const each of batch) await settle([each]);
      else for (const { reject } of batch) reject(error);
    }
  };
  const work = async (): Promise<void> => {
    await Promise.resolve(); // whoever asks in the same turn comes along
    while (waiting.length > 0) {
      const batch = waiting.slice(0, requestsMax);
      waiting = waiting.slice(requestsMax);
      await settle(batch);
    }
    working = null;
  };

  return {
    do: (request) =>
      new Promise((resolve, reject) => {
        waiting.push({ request, resolve, reject });
        working ??= work();
      }),
    idle: async () => {
      while (working) await working;
    },
  };
}
