// What is done on this machine, without a broker, fails as what a broker refuses does.
import { errorTable, HanseError } from '../../broker/src/errors.ts';
import { failureOf } from './failure.ts';

/** Where no configuration says which private addresses may be spoken to. */
const allow = 'Where this is meant, allow it: --allow HOST:PORT';

/** Failure in place of HanseError, with every fault. */
export const offline = async <Answer>(work: () => Promise<Answer> | Answer): Promise<Answer> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HanseError)) throw error;
    const { code, message, place, faults, retry } = error;
    const { title, status } = errorTable[code];
    const isAboutAddress = [message, ...faults.map((fault) => fault.message)].some((each) => each.includes('allowedAddresses'));
    const fix = isAboutAddress ? allow : error.fix;
    throw failureOf({
      type: `urn:hanse:error:${code}`,
      title,
      status,
      code,
      detail: message,
      retry,
      fix,
      faults: [...faults],
      request: 'none',
      ...(place && { place }),
    });
  }
};
