export { capacityTaken, createReservations } from './reservations.ts';
export type { Reservations } from './reservations.ts';
