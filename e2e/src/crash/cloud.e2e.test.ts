import { describe, expect, jest, test } from '@jest/globals';
import { cloudTypes } from '../cloud/open-cloud.ts';
import { cloudRows } from './cloud-rows.ts';
import { runCloudRow } from './cloud-run.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(90_000);

/** The rows of `docs/reliability.md`, each on one of the backends in turn. All on all of them: `npm run crash-check`. */
const rows = cloudRows.flatMap((row, index) =>
  cloudTypes.filter((_, at) => at === index % cloudTypes.length).map((cloud) => [row.what, cloud, row] as const),
);

describe('what goes wrong with a session on a backend of its own', () => {
  test.each(rows)('%s (%s)', async (_what, cloud, row) => {
    expect(await runCloudRow(row, cloud)).toMatchObject({ status: row.ends, problems: [] });
  });
});
