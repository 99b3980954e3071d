// Who may know whom (ARCHITECTURE.md), as a lint rule. Places are paths from the root of the repository; type imports count.
import { dirname, join, relative, sep } from 'node:path';

const root = join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), '..');
const isTest = /\.test\.ts$|^test\//;
const capability = /^broker\/src\/([^/]+)\//;
// The face of a capability: index.ts, which main.ts and io/ use; and its values and ports, which pure code can import without the rest.
const face = new RegExp(
  `^broker/src/(${[
    '[^/]+/(io/)?index',
    'audit/(chain|io/log)',
    'catalogue/offering',
    'clusters/(cluster|address|quantity|io/checkedLookup|io/registry|io/kubernetes/kube)',
    'federation/peering',
    'operations/(plan|journal|io/performer)',
    'placement/placement',
    'store/(document|io/(store|schema|listen|batcher))',
    'workloads/application',
  ].join('|')})\\.ts$`,
);

const forbidden = [
  {
    from: /^broker\/src\/(?!api\/|(main|wire)\.ts$)/,
    to: /^broker\/src\/(api\/|(main|wire)\.ts$)/,
    why: 'Nobody in the broker knows the API, main.ts or wire.ts.',
  },
  {
    // a receipt is verified by deciding again: the one place where audit knows a decision
    from: /^broker\/src\/(operations|store|audit\/(?!(io\/receipts|receipt|receiptBody)\.ts$))/,
    to: /^broker\/src\/(catalogue|clusters|federation|placement|workloads)\//,
    why: 'Operations, store and audit know no cloud word.',
  },
  {
    from: /^broker\/src\/(clusters|catalogue)\//,
    to: /^broker\/src\/(placement|workloads|federation)\//,
    why: 'Clusters and catalogue are the ground: they know nothing above them.',
  },
  { from: /^broker\/src\/placement\//, to: /^broker\/src\/(workloads|federation)\//, why: 'Placement decides; it does not know what becomes of the decision.' },
  { from: /^broker\/src\/federation\//, to: /^broker\/src\/workloads\//, why: 'Federation knows no workload.' },
  { from: /^broker\//, to: /^(cli|simulator|test|ui)\//, why: 'The broker knows neither its clients nor the simulator.' },
  { from: /^contract\//, to: /^(broker|cli|simulator|test|ui)\//, why: 'The contract is data and knows nobody.' },
  { from: /^simulator\//, to: /^(broker|cli|contract|ui)\//, why: 'The simulator speaks protocols; it does not know the broker.' },
  { from: /^ui\//, to: /^(broker|cli|simulator|test)\//, why: 'The page knows the contract and nobody else.' },
  { from: /^/, to: /\.test\.ts$/, why: 'A test is imported by nothing.' },
];

/** The reason against this import, or undefined. */
export const reasonAgainst = (from, to) => {
  const rule = forbidden.find((one) => one.from.test(from) && one.to.test(to));
  if (rule) return rule.why;
  const [, mine] = capability.exec(from) ?? [];
  const [, other] = capability.exec(to) ?? [];
  if (mine === undefined || other === undefined || mine === other || face.test(to)) return undefined;
  return `Another capability is known by its face only: broker/src/${other}/index.ts, or its values and ports as .oxlint/layers.mjs names them.`;
};

export const layers = {
  create: (context) => {
    const from = relative(root, context.filename).split(sep).join('/');
    if (isTest.test(from)) return {};
    const look = (node) => {
      const given = node.source?.value;
      if (typeof given !== 'string' || !given.startsWith('.')) return;
      const reason = reasonAgainst(from, join(dirname(from), given).split(sep).join('/'));
      if (reason !== undefined) context.report({ node, message: reason });
    };
    return { ImportDeclaration: look, ExportNamedDeclaration: look, ExportAllDeclaration: look, ImportExpression: look };
  },
};
