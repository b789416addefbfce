import { repairScript, type ScriptInput } from '@abca/scripted-model';
import { demoBug, demoTestCommand } from './demo-files.ts';

/**
 * What the scripted model does in the demo repository: read, test, see it fail, edit, test, see it pass. The marks are what
 * every reporter of `node --test` prints.
 */
export function demoScript(): ScriptInput {
  return repairScript({ ...demoBug, testCommand: demoTestCommand, failureMark: 'fail 1', successMark: 'fail 0' });
}
