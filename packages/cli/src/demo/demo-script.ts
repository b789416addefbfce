import { repairScript, type ScriptInput } from '@abca/scripted-model';
import {
  demoAskedFile,
  demoBug,
  demoForbiddenCommand,
  demoPermittedFile,
  demoPreApprovals,
  demoTestCommand,
} from './demo-files.ts';

type Step = ScriptInput['turns'][number];

/**
 * What the scripted model does in the demo repository: read, test, see it fail, edit, test, see it pass. Then it meets the
 * policy three times: a call that no approval allows, one that was permitted with the task, and one that a person is asked
 * about. It goes on whatever they say. The marks are what every reporter of `node --test` prints.
 */
export function demoScript(): ScriptInput {
  const repair = repairScript({
    ...demoBug,
    testCommand: demoTestCommand,
    failureMark: 'fail 1',
    successMark: 'fail 0',
  });
  const [read, test, edit, testAgain] = repair.turns as [Step, Step, Step, Step];
  return { name: 'demo', turns: [read, test, edit, testAgain, tidyUp, pinVersions, writeSettings, finish] };
}

const tidyUp: Step = {
  oneOf: [
    {
      when: { toolResultIsError: false, toolResultContains: 'fail 0' },
      text: 'The tests pass. A stale lock of git could be in the way, so I remove it.',
      tools: [{ name: 'Bash', input: { command: demoForbiddenCommand } }],
    },
    { text: 'I could not fix it: the tests still fail after my change.' },
  ],
};

const pinVersions: Step = {
  text: `That is not for me to do, and not needed. ${demoPermittedFile.file} was permitted with the task (${demoPreApprovals.join(', ')}).`,
  tools: [write(demoPermittedFile)],
};

const writeSettings: Step = {
  text: `${demoAskedFile.file} may hold secrets, so a person is asked before I write it.`,
  tools: [write(demoAskedFile)],
};

const finish: Step = {
  oneOf: [
    {
      when: { toolResultIsError: false },
      text: `Fixed: ${demoBug.file} is corrected and the tests pass; ${demoPermittedFile.file} and ${demoAskedFile.file} are written.`,
    },
    {
      text: `Fixed: ${demoBug.file} is corrected and the tests pass; ${demoPermittedFile.file} is written, ${demoAskedFile.file} was refused and is left out.`,
    },
  ],
};

function write({ file, content }: { readonly file: string; readonly content: string }): {
  name: string;
  input: Record<string, unknown>;
} {
  return { name: 'Write', input: { file_path: `{{workspace}}/${file}`, content } };
}
