// OpenNebula in front of one member: oned's XML-RPC for users, hosts and machines, and OneKS for the Kubernetes cluster and its node group.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { Member } from '../apiServer.ts';
import type { Disk } from '../disk.ts';
import { isPlain } from '../fields.ts';
import { listenAt } from '../ports.ts';
import { type MachinePace, type Machines, startMachines } from './machines.ts';
import { hostPoolXml, userXml, vmXml } from './oneXml.ts';
import { basicOf, bodyOf, closeServer, Fault, listener, sendJson } from './serve.ts';
import { readCall, reply, type RpcValue } from './xmlRpc.ts';

export type OpennebulaOptions = { readonly disk: Disk; readonly member: Member; now(): number; readonly pace: MachinePace };

export type Opennebula = {
  /** XML-RPC. */
  readonly url: string;
  readonly oneks: string;
  readonly user: string;
  readonly password: string;
  readonly cluster: string;
  readonly machines: Machines;
  /** How many login tokens are valid. */
  tokens(): number;
  close(): Promise<void>;
};

type State = { password: string; tokens: { token: string; endsAt: number }[] };

const user = 'hanse-broker';
const clusterId = '7';
const groupId = '12';
const codes = { authentication: 0x0100, noExists: 0x0400, api: 0x1000 } as const;

class OneFault extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export async function startOpennebula({ disk, member, now, pace }: OpennebulaOptions): Promise<Opennebula> {
  const part = `opennebula-${member.name}`;
  const state: State = read(disk.read(part)) ?? { password: randomBytes(9).toString('base64url'), tokens: [] };
  const save = (): Promise<void> => disk.write(part, state);
  await save();
  const machines = await startMachines({ disk, part: `${part}-machines`, member, now, pace, nodeOf: nodeOf(member.name) });
  const isUser = (name: string, secret: string): boolean =>
    name === user && (secret === state.password || state.tokens.some(({ token, endsAt }) => token === secret && (endsAt < 0 || endsAt > now())));

  const login = async ([name, token, seconds]: readonly RpcValue[]): Promise<string> => {
    if (name !== user) throw new OneFault(codes.noExists, '[one.user.login] Error getting user.');
    if (seconds === 0) {
      if (token !== '' && !state.tokens.some((one) => one.token === token))
        throw new OneFault(codes.api, `[one.user.login] Could not find token: ${String(token)}`);
      state.tokens = token === '' ? [] : state.tokens.filter((one) => one.token !== token);
      await save();
      return String(token);
    }
    const made = typeof token === 'string' && token !== '' ? token : randomBytes(20).toString('hex');
    state.tokens = [...state.tokens.filter((one) => one.token !== made), { token: made, endsAt: Number(seconds) < 0 ? -1 : now() + Number(seconds) * 1000 }];
    await save();
    return made;
  };
  const call = async (method: string, [session, ...values]: readonly RpcValue[]): Promise<string> => {
    const [name = '', ...rest] = String(session ?? '').split(':');
    if (!isUser(name, rest.join(':'))) throw new OneFault(codes.authentication, `[${method}] User couldn't be authenticated, aborting call.`);
    switch (method) {
      case 'one.system.version':
        return '7.4.0';
      case 'one.user.info':
        return userXml(user);
      case 'one.user.login':
        return login(values);
      case 'one.hostpool.info':
        return hostPoolXml;
      case 'one.vm.info': {
        const machine = machines.list().find(({ number }) => number === values[0]);
        if (machine === undefined) throw new OneFault(codes.noExists, `[one.vm.info] Error getting virtual machine [${String(values[0])}].`);
        return vmXml(machine, user, now() - machine.since >= pace.joinMs);
      }
      default:
        throw new OneFault(codes.api, `[${method}] is not simulated`);
    }
  };
  const oned = createServer(
    listener(
      async (request, response, { pathname }) => {
        if (pathname !== '/RPC2' || request.method !== 'POST') throw new Fault(404, 'not found');
        const { method, values } = readCall(await bodyOf(request));
        const body = await call(method, values).then(
          (value) => reply(true, value, 0),
          (error: unknown) => {
            if (error instanceof OneFault) return reply(false, error.message, error.code);
            throw error;
          },
        );
        response.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' });
        response.end(body);
      },
      ({ message }) => ({ message }),
    ),
  );

  const oneks = createServer(oneksOf(member, machines, isUser));
  const [url, oneksUrl] = [
    `http://127.0.0.1:${await listenAt(oned, disk, part)}/RPC2`,
    `http://127.0.0.1:${await listenAt(oneks, disk, `oneks-${member.name}`)}`,
  ];
  return {
    url,
    oneks: oneksUrl,
    user,
    password: state.password,
    cluster: member.name,
    machines,
    tokens: () => state.tokens.length,
    async close() {
      machines.close();
      await Promise.all([closeServer(oned), closeServer(oneks)]);
    },
  };
}

const oneksOf = (member: Member, machines: Machines, isUser: (name: string, secret: string) => boolean): RequestListener =>
  listener(
    async (request, response, { pathname }) => {
      const given = basicOf(request);
      if (given === null || !isUser(given.user, given.password)) throw new Fault(401, 'User not authenticated');
      const at = `/api/v1/clusters/${clusterId}`;
      if (request.method === 'GET') {
        if (pathname === '/api/v1/clusters') return sendJson(response, 200, [clusterDocument(member.name, machines)]);
        if (pathname === at) return sendJson(response, 200, clusterDocument(member.name, machines));
        if (pathname === `${at}/kubeconfig`) return sendJson(response, 200, { kubeconfig: member.kubeconfig() });
        if (pathname === `${at}/nodegroups`) return sendJson(response, 200, [groupBody(member.name, machines)]);
      }
      if (request.method === 'POST' && pathname === `${at}/nodegroups/${groupId}/scale`) {
        const body: unknown = JSON.parse(await bodyOf(request));
        const target = isPlain(body) ? body['target'] : undefined;
        if (typeof target !== 'number' || target < 0) throw new Fault(400, 'target: must be a number that is not negative');
        if (!machines.settled()) throw new Fault(409, `NodeGroup ${groupId} cannot be scaled in state SCALING`);
        await machines.scale(target);
        return sendJson(response, 202, undefined);
      }
      throw new Fault(404, `${pathname} not found`);
    },
    ({ status, message }) => ({ code: status, message }),
  );

const nodeOf = (member: string) => (number: number) => ({
  name: `${member}-medium-${number}`,
  cpu: '16',
  memory: '64Gi',
  providerId: `one://${number}`,
  labels: {},
});

const groupState = (machines: Machines): string => (machines.settled() ? 'RUNNING' : 'SCALING');

/** A document as OneKS answers it alone and in its list (src/oneks, ODS documents). */
const clusterDocument = (name: string, machines: Machines): object => ({
  DOCUMENT: {
    ID: clusterId,
    UID: '5',
    GID: '101',
    NAME: name,
    TYPE: '120',
    TEMPLATE: {
      CLUSTER_BODY: {
        name,
        state: groupState(machines),
        kubernetes_version: 'v1.33.9',
        deployment: { cluster: { id: 100 }, networks: { public: { id: 12 }, private: { id: 13 } } },
        control_plane: { id: 11, name: 'controlplane', type: 'ControlPlane', family: 'general', flavour: 'ha' },
        node_groups: [{ id: Number(groupId), name: `${name}-medium`, type: 'NodeGroup', family: 'general', flavour: 'medium' }],
      },
    },
  },
});

/** The plain body of a group, as the list of a cluster's node groups has it. */
const groupBody = (name: string, machines: Machines): object => ({
  id: Number(groupId),
  uuid: 'nodegroup-general-medium-5b1f0c9d2e7a',
  name: `${name}-medium`,
  cluster_id: Number(clusterId),
  family: 'general',
  flavour: 'medium',
  type: 'NodeGroup',
  state: groupState(machines),
  vms: machines.list().map((machine) => ({ id: machine.number, ready: machines.isReady(machine), pods: [] })),
  dependencies: [],
  user_inputs_values: { count: machines.wanted, cpu: 16, vcpu: 16, memory: 65_536, disk_size: 131_072 },
});

function read(found: unknown): State | undefined {
  if (!isPlain(found) || typeof found['password'] !== 'string' || !Array.isArray(found['tokens'])) return undefined;
  return found as unknown as State; // this file alone writes it
}
