export { capacityTaken, createReservations } from './reservations.ts';
export type { PoolState, Reservations } from './reservations.ts';
