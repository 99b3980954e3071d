// Documents that a command names, with the manifests that their spec.files name.
import { dirname, isAbsolute, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { PlanDeclarations } from '../../contract/src/declaration.ts';
import { type NamedText, readManifests } from './files.ts';
import type { Terminal } from './terminal.ts';

type Source = PlanDeclarations['sources'][number];

/** Only so much of a document as tells that it wants files; what is wrong with it the broker tells, with its line. */
const wantsFiles = z.looseObject({
  kind: z.literal('Application'),
  metadata: z.looseObject({ name: z.string().max(63) }),
  spec: z.looseObject({ files: z.array(z.string().min(1).max(1000)).min(1).max(100) }),
});

export const readDeclared = async (terminal: Terminal, names: readonly string[]): Promise<{ documents: NamedText[]; sources: Source[] }> => {
  const documents = await readManifests(terminal, names);
  const sources: Source[] = [];
  for (const { file, text } of documents) {
    for (const { metadata, spec } of wanting(text)) {
      const folder = file === 'standard input' ? '.' : dirname(file);
      const manifests = await readManifests(
        terminal,
        spec.files.map((named) => (isAbsolute(named) ? named : join(folder, named))),
      );
      sources.push({ file, application: metadata.name, manifests });
    }
  }
  return { documents, sources };
};

const wanting = (text: string): z.infer<typeof wantsFiles>[] => {
  try {
    const parsed = parseAllDocuments(text, { schema: 'core', logLevel: 'silent', prettyErrors: false });
    const documents = 'empty' in parsed ? [] : parsed;
    return documents.flatMap((document) => wantsFiles.safeParse(document.toJS({ maxAliasCount: 0 })).data ?? []);
  } catch {
    return [];
  }
};
