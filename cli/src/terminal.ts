// Everything the command line may touch of the machine around it, so that a test can hold it in its hands.
export type Terminal = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What was asked for: one document, one table. */
  out(text: string): void;
  /** Progress, questions, failures. */
  err(text: string): void;
  /** A person sits there: questions may be asked and lines rewritten. */
  readonly isInteractive: boolean;
  /** Standard output is a terminal: colours may be used there. */
  readonly isOutTty: boolean;
  readonly columns: number;
  readonly home: string;
  ask(question: string): Promise<string>;
  readStdin(bytesMax: number): Promise<string>;
  /** Ctrl-C, until the answered function is called. */
  onInterrupt(act: () => void): () => void;
};
