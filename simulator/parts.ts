// Every part that runs beside the members.
import { dataPlanePart } from './dataPlane/part.ts';
import { exchangesPart } from './exchanges/part.ts';
import { gaiaXPart } from './gaiax/part.ts';
import { opennebulaPart, openshiftPart, rancherPart } from './managers/parts.ts';
import type { Part } from './part.ts';

export const parts: readonly Part[] = [gaiaXPart, openshiftPart, rancherPart, opennebulaPart, dataPlanePart, exchangesPart];

/** Those that need no simulated cluster. */
export const partsWithoutClusters: readonly Part[] = [gaiaXPart, exchangesPart];
