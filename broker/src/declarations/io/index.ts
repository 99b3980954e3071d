export { createDeclarations, type Declarations } from './declarations.ts';
