// docs/errors.md, from the one table.
import { errorTable } from '../../errors.ts';

export const errorsPage = (): string => {
  const rows = Object.entries(errorTable).map(
    ([code, { status, retry, title, fix }]) =>
      `| <a id="${code.toLowerCase()}"></a>\`${code}\` | ${status} | ${retry === 'later' ? 'yes' : 'no'} | ${title} | ${fix} |`,
  );
  return `# Errors

Generated from \`broker/src/errors.ts\` by \`npx vitest run broker/src/api/io/errorsPage.test.ts -u\`; a test keeps it current.

Every failure is a problem document (RFC 9457): \`code\` is a row of this table, \`detail\` says what happened and where, \`fix\` what to do, \`place\` the file, line and field,
\`faults\` every fault when several were found, \`request\` the line in the log of the broker. *Passes* says whether the same request may succeed later without anyone doing anything.

| code | status | passes | what it means | what to do, when the answer says nothing more precise |
|---|---|---|---|---|
${rows.join('\n')}
`;
};
