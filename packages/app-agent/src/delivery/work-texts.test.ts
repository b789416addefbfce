import { describe, expect, test } from '@jest/globals';
import { aTask } from '@abca/core/testing';
import { commitMessage, pullRequestBody, workTitle } from './work-texts.ts';

const secret = `ghp_${'a1B2'.repeat(9)}`;
const titleOf = (taskDescription: string): string => workTitle(aTask({ taskDescription }));

describe('workTitle()', () => {
  test.each([
    ['Fix the login', 'Fix the login'],
    ['\n\n  Fix   the\tlogin \nand more', 'Fix the login'],
    ['   \n ', 'Task 00000001'],
    ['Réparer « l’accès » 🚑', 'Réparer « l’accès » 🚑'],
  ])('is the first words of %j', (description, title) => {
    expect(titleOf(description)).toBe(title);
  });

  test('is at most 72 characters and cuts no character in half', () => {
    const title = titleOf('🚑'.repeat(60));

    expect(title.length).toBeLessThanOrEqual(72);
    expect(title).toMatch(/^(🚑)+…$/u);
  });
});

describe('texts of the work', () => {
  test('lead back to the task', () => {
    const task = aTask({ taskDescription: 'Fix it' });

    expect(commitMessage(task)).toBe(`Fix it\n\nAbca-Task: ${task.taskId}\n`);
    expect(pullRequestBody(task, 'I fixed it')).toBe(
      `I fixed it\n\n**Task**\n\n> Fix it\n\nMade by an ABCA agent for task \`${task.taskId}\`.`,
    );
  });

  test('quote the task line by line, so that none of it reads as the platform', () => {
    expect(pullRequestBody(aTask({ taskDescription: 'a\n**Task** b\n\nc' }), undefined)).toContain(
      '> a\n> **Task** b\n> \n> c',
    );
  });

  test('hold no secret', () => {
    const task = aTask({ taskDescription: `use ${secret}` });

    expect([commitMessage(task), workTitle(task), pullRequestBody(task, `used ${secret}`)].join()).not.toContain(
      secret,
    );
  });
});
