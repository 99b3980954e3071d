import { describe, it } from 'vitest';
import { kubernetesContract } from './kubernetes.contract.ts';
import { labKubeconfig, labOptions } from './kubernetes.lab.ts';

const kubeconfig = labKubeconfig('home');

if (kubeconfig === null) describe.skip('Kubernetes API: the laboratory', () => it('does not run here', () => {}));
else kubernetesContract('the laboratory', () => Promise.resolve({ options: labOptions(kubeconfig) }));
