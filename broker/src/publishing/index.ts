export { levels, complianceQuestion, notaryQuestion, type Level } from './clearingHouse.ts';
export { describe } from './describe.ts';
export { ask, questions, registrationKinds, type Answers, type Question, type RegistrationKind } from './questions.ts';
export { remedyFor } from './remedies.ts';
export { baseOf, filesOf, presentationFile, typesOf, type Signed } from './site.ts';
export { dated, ownKey, presentationOf, type Document } from './token.ts';
