// Every part that runs beside the members.
import { dataPlanePart } from './dataPlane/part.ts';
import { gaiaXPart } from './gaiax/part.ts';
import type { Part } from './part.ts';

export const parts: readonly Part[] = [gaiaXPart, dataPlanePart];
