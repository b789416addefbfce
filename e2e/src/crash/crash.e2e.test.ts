import { describe, expect, test } from '@jest/globals';
import { describePoint } from '../support/crash-point.ts';
import { allPoints, firstOfEachKind } from './choose-points.ts';
import { crashAt, listPoints } from './crash-run.ts';

// Known only from a run: which places there are follows from the workflow, not from a list kept beside it.
const passed = await listPoints();
const points = firstOfEachKind(passed);

describe('kill -9 of the platform', () => {
  test('passes the places that a task has', () => {
    const all = allPoints(passed);
    const names = all.map(describePoint);

    expect(names).toEqual(
      expect.arrayContaining(['after commit start #1', 'after compute startSession #1', 'after tasks transition #4']),
    );
    expect(all.length).toBeGreaterThanOrEqual(60);
    expect(points.length).toBeGreaterThanOrEqual(10);
  });

  test.concurrent.each(points.map((point) => [describePoint(point), point] as const))(
    'dies %s: one agent, one pull request, one end, slot free, nothing left',
    async (_name, point) => {
      const run = await crashAt(point);

      expect(run).toMatchObject({ crashed: true, status: 'COMPLETED', problems: [] });
    },
    120_000,
  );
});
