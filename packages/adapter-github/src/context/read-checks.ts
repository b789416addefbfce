import type { HydratedContext } from '@abca/core';
import { mapGitHubError } from '../client/map-github-error.ts';
import type { Reading } from './reading.ts';
import { sanitizeForgeText, sanitizeLine } from './sanitize.ts';

type Check = NonNullable<HydratedContext['checks']>[number];

/** Longest that a check says of itself, characters. */
const summaryChars = 1000;

/** The checks of a commit. None when the app or token may not see them: a task can be done without. */
export async function readChecks({ client, api, address, repo }: Reading, sha: string): Promise<Check[]> {
  try {
    const { data } = await api.request('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', {
      ...address,
      ref: sha,
      filter: 'latest',
      per_page: 100,
    });
    return data.check_runs.map(({ name, status, conclusion, output }) => {
      const state = conclusion ?? status;
      const says = [output.title, output.summary].filter(Boolean).join('\n');
      const summary = state === 'success' ? '' : sanitizeForgeText(says).slice(0, summaryChars);
      return { name: sanitizeLine(name), state, ...(summary !== '' && { summary }) };
    });
  } catch (error) {
    const { code } = mapGitHubError(error, { what: 'the checks', repo, nowMs: client.clock.nowMs() });
    if (code === 'FORGE_ACCESS_DENIED' || code === 'NOT_A_REPOSITORY') return [];
    throw error;
  }
}
