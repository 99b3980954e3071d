import { ixApiContract } from './ixApi.contract.ts';
import { simulatedExchange } from './ixApi.simulator.ts';

ixApiContract('the simulator shows it, IX-API 2.1', () => simulatedExchange('2.1.0'));
ixApiContract('the simulator shows it, IX-API 2.4', () => simulatedExchange('2.4.2'));
ixApiContract('the simulator shows it, IX-API 2.7', () => simulatedExchange('2.7.1'));
