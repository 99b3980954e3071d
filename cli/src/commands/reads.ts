// What there is, as tables.
import { routes } from '../../../contract/src/routes.ts';
import type { ApplicationStatus } from '../../../contract/src/application.ts';
import { connect } from '../client.ts';
import { failWith } from '../failure.ts';
import type { Exit } from '../failure.ts';
import { ageOf, clean, show, sizeOf, tableOf } from '../output.ts';
import type { Format } from '../output.ts';
import { styleFor } from '../style.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

type Options = { readonly output: Format };
type Criteria = { readonly where?: readonly string[]; readonly prefer?: readonly string[] };

export const listClusters = async (terminal: Terminal, options: Options): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listClusters, {});
  await show(terminal, options.output, items, () =>
    tableOf(
      items,
      [
        ['NAME', ({ name }) => name],
        ['SIDE', ({ side }) => side],
        ['STATE', ({ state }) => state],
        ['KUBERNETES', ({ kubernetesVersion }) => kubernetesVersion],
        ['LIQO', ({ liqoVersion }) => liqoVersion],
        ['DISTRIBUTION', ({ platform }) => platform.distribution],
        ['PODS', ({ podCidrs }) => podCidrs.join(',')],
        ['SERVER', ({ server }) => server],
      ],
      'No cluster was added yet: hanse cluster add NAME --kubeconfig FILE --side consumer|provider',
    ),
  );
  return 'done';
};

export const listPeerings = async (terminal: Terminal, options: Options): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listPeerings, {});
  await show(terminal, options.output, items, () =>
    tableOf(
      items,
      [
        ['PROVIDER', ({ provider }) => provider],
        ['HOME', ({ home }) => home],
        ['STATE', ({ state }) => state],
        ['NODE', ({ virtualNode }) => virtualNode],
        ['CPU', ({ resources }) => resources.cpuMillis / 1000],
        ['MEMORY', ({ resources }) => sizeOf(resources.memoryBytes)],
        ['PODS', ({ resources }) => resources.pods],
        ['GPUS', ({ resources }) => resources.gpus],
      ],
      'Not federated with any provider yet: hanse federate PROVIDER',
    ),
  );
  return 'done';
};

export const listApplications = async (terminal: Terminal, options: Options): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listApplications, {});
  await show(terminal, options.output, items, () =>
    tableOf(
      items,
      [
        ['NAME', ({ name }) => name],
        ['STATE', ({ state }) => state],
        ['HOME', ({ home }) => home],
        ['RUNS AT', ({ clusters }) => clusters.join(',')],
      ],
      'No application was deployed yet: hanse deploy NAME -f FILE',
    ),
  );
  return 'done';
};

export const listPolicies = async (terminal: Terminal, options: Options): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listPolicies, {});
  await show(terminal, options.output, items, () =>
    tableOf(
      items,
      [
        ['NAME', ({ name }) => name],
        ['CHANGED', ({ updatedAt }) => ageOf(updatedAt, Date.now())],
      ],
      'No policy is stored.',
    ),
  );
  return 'done';
};

export const listReceipts = async (terminal: Terminal, options: Options): Promise<Exit> => {
  const { items } = await (await connect(terminal)).call(routes.listReceipts, { query: {} });
  await show(terminal, options.output, items, () =>
    tableOf(
      items,
      [
        ['ID', ({ id }) => id],
        ['APPLICATION', ({ application }) => application],
        ['OPERATION', ({ operation }) => operation],
        ['AGE', ({ at }) => ageOf(at, Date.now())],
      ],
      'There is no receipt yet: every deployment and every move leaves one.',
    ),
  );
  return 'done';
};

/** One thing in full: what has no table is shown as YAML. */
export const getOne = async (terminal: Terminal, kind: string, name: string, options: Options): Promise<Exit> => {
  const client = await connect(terminal);
  const find = async (): Promise<unknown> => {
    switch (kind) {
      case 'clusters':
        return client.call(routes.getCluster, { params: { name } });
      case 'applications':
        return client.call(routes.getApplication, { params: { name } });
      case 'policies':
        return client.call(routes.getPolicy, { params: { name } });
      case 'receipts':
        return client.call(routes.getReceipt, { params: { id: name } });
      case 'operations':
        return client.call(routes.getOperation, { params: { id: name } });
      case 'peerings': {
        const found = (await client.call(routes.listPeerings, {})).items.filter(({ provider }) => provider === name);
        if (found[0]) return found.length === 1 ? found[0] : found;
        throw failWith('error', `There is no peering with ${name}.`, 'hanse get peerings lists those that there are.');
      }
      default:
        throw failWith('usage', `${kind} cannot be shown one by one.`, `hanse get ${kind} lists them.`);
    }
  };
  await show(terminal, options.output === 'table' ? 'yaml' : options.output, await find(), () => '');
  return 'done';
};

export const status = async (terminal: Terminal, name: string | undefined, options: Options): Promise<Exit> => {
  if (name === undefined) return listApplications(terminal, options);
  const found = await (await connect(terminal)).call(routes.getApplicationStatus, { params: { name } });
  await show(terminal, options.output, found, () => statusText(found, styleFor(terminal, terminal.isOutTty)));
  return 'done';
};

const statusText = (found: ApplicationStatus, style: Style): string => {
  const head = `${style.bold(found.name)}: ${found.state}, home ${found.home}, namespace ${found.namespace}\n\n`;
  const placement = tableOf(
    found.placement,
    [
      ['CLUSTER', ({ cluster }) => cluster],
      ['PLANNED', ({ planned }) => planned],
      ['PODS', ({ pods }) => pods],
      ['READY', ({ ready }) => ready],
    ],
    'It was placed nowhere.',
  );
  const workloads = tableOf(
    found.workloads,
    [
      ['WORKLOAD', ({ kind, name }) => `${kind}/${name}`],
      ['READY', ({ ready, wanted }) => `${ready}/${wanted}`],
      ['UPDATED', ({ updated }) => updated],
    ],
    'It has no workloads.',
  );
  const pods = tableOf(
    found.pods,
    [
      ['POD', ({ name }) => name],
      ['CLUSTER', ({ cluster }) => cluster],
      ['PHASE', ({ phase, isEnding }) => (isEnding ? 'Ending' : phase)],
      ['READY', ({ isReady }) => (isReady ? 'yes' : 'no')],
      ['RESTARTS', ({ restarts }) => restarts],
      ['WAITS FOR', ({ waitsFor }) => waitsFor],
    ],
    'It has no pods.',
  );
  const drift = found.drift.map((sentence) => `\n${style.yellow('!')} ${clean(sentence)}`).join('');
  return `${head}${placement}\n${workloads}\n${pods}${drift === '' ? '' : `${drift}\n`}`;
};

export const explain = async (terminal: Terminal, name: string, options: Options & Criteria): Promise<Exit> => {
  if (options.where !== undefined || options.prefer !== undefined)
    throw failWith(
      'usage',
      `What ${name} asks was decided when it was deployed: --where and --prefer go with an offer only.`,
      'Try hanse explain offer NAME --where ….',
    );
  const found = await (await connect(terminal)).call(routes.explainApplication, { params: { name } });
  await show(terminal, options.output, found, () => `${found.sentences.map(clean).join('\n')}\n`);
  return 'done';
};

export const auditVerify = async (terminal: Terminal, options: Options & { head?: string }): Promise<Exit> => {
  const found = await (await connect(terminal)).call(routes.verifyAudit, { query: options.head === undefined ? {} : { head: options.head } });
  const style = styleFor(terminal, terminal.isOutTty);
  await show(terminal, options.output, found, () => {
    const faults = found.faults.map(({ seq, message }) => `  ${style.red('✗')} ${seq === null ? '' : `event ${seq}: `}${clean(message)}\n`).join('');
    const head =
      found.head === null
        ? ''
        : `Head: ${found.head.seq}:${found.head.hash}\n  Keep it elsewhere; hanse audit verify --head proves later that the log still contains it.\n`;
    return `${found.valid ? style.green('The audit log is whole') : style.red('The audit log does not verify')}: ${found.events} events read.\n${faults}${head}`;
  });
  return found.valid ? 'done' : 'error';
};
