// What can be said of one part of a peering, and of what is in its way.

export type PartState = 'absent' | 'half' | 'done';

export type Contradiction = { readonly message: string; readonly fix: string };
