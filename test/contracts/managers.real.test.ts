// The same suites on real systems, for who has them: each needs its address and a file with its credential in the environment. Nodes come and go only with HANSE_MAY_SCALE=1.
import { readFileSync } from 'node:fs';
import { it } from 'vitest';
import { opennebulaContract } from './opennebula.contract.ts';
import { openshiftContract } from './openshift.contract.ts';
import { rancherContract } from './rancher.contract.ts';

const given = (name: string): string => process.env[`HANSE_${name}`] ?? '';
const file = (name: string): string => (given(name) === '' ? '' : readFileSync(given(name), 'utf8').trim());
const allowed = given('ALLOWED_ADDRESSES')
  .split(',')
  .filter((address) => address !== '');
const mayScale = given('MAY_SCALE') === '1';
const orNull = (text: string): string | null => (text === '' ? null : text);
const close = async (): Promise<void> => {};

const skipped = (what: string, names: string): void => {
  console.log(`skipped: no real ${what} is named (${names})`);
  it.skip(`${what}, a real one`);
};

if (given('OPENSHIFT_URL') === '') skipped('OpenShift', 'HANSE_OPENSHIFT_URL, HANSE_OPENSHIFT_CA_FILE, HANSE_OPENSHIFT_USER, HANSE_OPENSHIFT_PASSWORD_FILE');
else
  openshiftContract(given('OPENSHIFT_URL'), async () => ({
    url: given('OPENSHIFT_URL'),
    ca: file('OPENSHIFT_CA_FILE'),
    user: given('OPENSHIFT_USER'),
    password: file('OPENSHIFT_PASSWORD_FILE'),
    allowed,
    close,
  }));

if (given('RANCHER_URL') === '') skipped('Rancher', 'HANSE_RANCHER_URL, HANSE_RANCHER_TOKEN_FILE, HANSE_RANCHER_CLUSTER, HANSE_RANCHER_CA_FILE');
else
  rancherContract(given('RANCHER_URL'), async () => ({
    login: { url: given('RANCHER_URL'), ca: orNull(file('RANCHER_CA_FILE')), token: file('RANCHER_TOKEN_FILE') },
    cluster: given('RANCHER_CLUSTER'),
    allowed,
    mayScale,
    close,
  }));

if (given('ONE_URL') === '') skipped('OpenNebula', 'HANSE_ONE_URL, HANSE_ONE_AUTH_FILE; for OneKS HANSE_ONEKS_URL, HANSE_ONE_CLUSTER; HANSE_ONE_CA_FILE');
else
  opennebulaContract(given('ONE_URL'), async () => ({
    login: { url: given('ONE_URL'), ca: orNull(file('ONE_CA_FILE')), oneks: orNull(given('ONEKS_URL')), auth: file('ONE_AUTH_FILE') },
    cluster: given('ONE_CLUSTER'),
    allowed,
    mayScale,
    close,
  }));
