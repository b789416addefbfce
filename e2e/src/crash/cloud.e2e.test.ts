import { describe, expect, jest, test } from '@jest/globals';
import { cloudTypes } from '../cloud/open-cloud.ts';
import { cloudRows } from './cloud-rows.ts';
import { runCloudRow } from './cloud-run.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(90_000);

/** The same rows as in `docs/reliability.md`. */
describe.each(cloudTypes)('what goes wrong with a session on %s', (cloud) => {
  test.each(cloudRows.map((row) => [row.what, row] as const))('%s', async (_what, row) => {
    expect(await runCloudRow(row, cloud)).toMatchObject({ status: row.ends, problems: [] });
  });
});
