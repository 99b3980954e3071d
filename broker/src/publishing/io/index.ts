export { askClearingHouse } from './ask.ts';
export { checkMaterial, type Checked } from './material.ts';
export { issue, signerFromCommand, signerFromKey, type Signer } from './signer.ts';
export { writeFolder } from './writeFolder.ts';
