import type { Gateway } from '../core/ports.ts';
import { createAnswering } from './answering.ts';
import { createCalling } from './calling.ts';
import type { Calling, GatewayOptions } from './calling.ts';
import { createChanging } from './changing.ts';
import { createHistory } from './history.ts';
import { createListing } from './listing.ts';
import { createReading } from './reading.ts';
import { createStarting } from './starting.ts';

/**
 * Executions as Temporal has them. Every call has a deadline: 1.2 s, a second for `ping` and `answers`, ten for `state`
 * and a page of `listed`. `unavailable` does not say that nothing was done; all calls may be repeated.
 */
export function createGateway(options: GatewayOptions): Gateway & Pick<Calling, 'settled' | 'within'> {
  const temporal = createCalling(options);
  const reading = createReading(temporal);
  return {
    ...reading,
    ...createAnswering({ ping: reading.ping, now: options.now }),
    ...createHistory(temporal),
    ...createListing(temporal),
    ...createStarting(temporal, reading.describe),
    ...createChanging(temporal, reading.describe),
    settled: temporal.settled,
    within: temporal.within,
  };
}
