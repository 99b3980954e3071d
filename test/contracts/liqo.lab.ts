// The laboratory's clusters as a Liqo system.
import type { LiqoSystem, Site } from './liqo.world.ts';
import { labKubeconfig, labOptions } from './kubernetes.lab.ts';

/** As the laboratory numbers its sites. */
const numbers: Readonly<Record<string, number>> = { home: 1, pa: 2, pb: 3, home2: 4, pc: 5, pd: 6 };

const site = (name: string): Site | null => {
  const kubeconfig = labKubeconfig(name);
  if (kubeconfig === null) return null;
  const number = numbers[name] ?? 0;
  return { name, options: labOptions(kubeconfig), podCidrs: [`10.${10 + number}.0.0/16`], serviceCidrs: [`10.${110 + number}.0.0/16`] };
};

export const labSystem = (home: string, provider: string): LiqoSystem | null => {
  const ours = site(home);
  const theirs = site(provider);
  return ours === null || theirs === null ? null : { home: ours, provider: theirs };
};
