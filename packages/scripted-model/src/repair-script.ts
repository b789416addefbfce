import type { ScriptInput } from './script-schema.ts';

/** The repair that {@link repairScript} plays. Paths are relative to the repository. */
export interface RepairPlan {
  readonly file: string;
  /** The faulty text, exactly as the file holds it, and what takes its place. */
  readonly faulty: string;
  readonly fixed: string;
  readonly testCommand: string;
  /** A text that the test's output shows only when it fails, and one that it shows only when it passes. */
  readonly failureMark: string;
  readonly successMark: string;
}

/**
 * A script that repairs a bug as an engineer would: reads the file, runs the test and sees it fail, edits, runs the test
 * again and sees it pass. Each turn is taken only on what the tools really returned; else it ends and says so.
 */
export function repairScript(plan: RepairPlan): ScriptInput {
  const path = `{{workspace}}/${plan.file}`;
  const runTest = { name: 'Bash', input: { command: plan.testCommand, description: 'Run the tests' } };
  const giveUp = (why: string): { text: string } => ({
    text: `I could not fix it: ${why}. I changed nothing further.`,
  });
  return {
    name: 'repair',
    turns: [
      { text: `I read ${plan.file} first.`, tools: [{ name: 'Read', input: { file_path: path } }] },
      {
        oneOf: [
          {
            when: { toolResultIsError: false, toolResultContains: firstLine(plan.faulty) },
            text: 'Now I run the tests to see the failure.',
            tools: [runTest],
          },
          giveUp(`${plan.file} does not hold the code I was told of`),
        ],
      },
      {
        oneOf: [
          {
            when: { toolResultContains: plan.failureMark },
            text: 'The test fails as reported. I correct the code.',
            tools: [{ name: 'Edit', input: { file_path: path, old_string: plan.faulty, new_string: plan.fixed } }],
          },
          giveUp('the tests do not show the failure'),
        ],
      },
      {
        oneOf: [
          {
            when: { toolResultIsError: false },
            text: 'I run the tests again.',
            tools: [runTest],
          },
          giveUp('the edit was refused'),
        ],
      },
      {
        oneOf: [
          {
            when: { toolResultIsError: false, toolResultContains: plan.successMark, toolResultLacks: plan.failureMark },
            text: `Fixed: ${plan.file} is corrected and the tests pass.`,
          },
          { text: 'I could not fix it: the tests still fail after my change.' },
        ],
      },
    ],
  };
}

function firstLine(text: string): string {
  return text.split('\n').find((line) => line.trim() !== '') ?? text;
}
