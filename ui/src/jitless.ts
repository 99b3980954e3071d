// The policy of the page forbids code from strings; the parser must not even try.
import { z } from 'zod';

z.config({ jitless: true });
