import { expect, it } from 'vitest';
import { errorsPage } from './errorsPage.ts';

it('docs/errors.md names every error of the table as it is', async () => {
  await expect(errorsPage()).toMatchFileSnapshot('../../../../docs/errors.md');
});
