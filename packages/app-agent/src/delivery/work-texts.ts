import { redactOrHide, shortTaskId, stripEscapes, type AgentUsage, type Task, type TaskSettings } from '@abca/core';
import { codeSpan, inertText, quotation } from './inert-markdown.ts';
import type { RecordedCheck, RecordedRequest, WorkRecord } from './work-record.ts';

/** Git's own advice for the first line of a message, in characters. */
const titleChars = 72;

/** Longest text of an agent in a pull request and a review, and of a person, in characters. GitHub takes 65,536 in all. */
const mostChars = { summary: 20_000, review: 50_000, task: 10_000 };

/** First line of the commit and title of the pull request: the first words of the task. */
export function workTitle(task: Pick<Task, 'taskId' | 'taskDescription'>): string {
  const [firstLine = ''] = clean(task.taskDescription)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const words = firstLine.trim().replaceAll(/\s+/g, ' ');
  if (words === '') return `Task ${shortTaskId(task.taskId)}`;
  return words.length <= titleChars ? words : `${words.slice(0, titleChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Message of the commit. The trailer leads from a commit back to its task. */
export function commitMessage(task: Pick<Task, 'taskId' | 'taskDescription'>): string {
  return `${workTitle(task)}\n\nAbca-Task: ${task.taskId}\n`;
}

/** What a text about the work is made of. */
export interface WorkReport {
  readonly task: Pick<Task, 'taskId' | 'taskDescription' | 'repo'>;
  readonly settings: Pick<TaskSettings, 'forge'>;
  /** The agent's last words. */
  readonly summary: string | undefined;
  readonly usage: AgentUsage;
  /** How long the session has worked, in milliseconds. */
  readonly workedMs: number;
  readonly record: WorkRecord;
}

/**
 * Text of the pull request. The platform's own parts are headings and lists; what the agent and people said is quoted or code, so
 * that none of it reads as the platform.
 */
export function pullRequestBody(report: WorkReport): string {
  const { task, summary, record } = report;
  return [
    markerOf(task),
    ...section('Summary by the agent', [quotation(summary ?? '', mostChars.summary)]),
    ...section('Task', [quotation(task.taskDescription, mostChars.task)]),
    ...section('Checks that the agent ran', checkLines(record.checks)),
    ...section('Approvals', approvalLines(record)),
    '### Run',
    runLines(report).join('\n'),
    '### Ask for changes',
    changesText(report),
  ].join('\n\n');
}

/** Text of a review. The platform's part comes first: what the agent leaves open cannot take it in. */
export function reviewBody(report: WorkReport): string {
  const { task, summary } = report;
  const head = `Review by an ABCA agent for task \`${task.taskId}\`. It read the code and wrote this; it changed nothing.`;
  return [markerOf(task), head, runLines(report).join('\n'), '---', inertText(summary ?? '', mostChars.review)].join(
    '\n\n',
  );
}

/** What hides in each text of the platform: those who read them know by it that no person wrote them. */
function markerOf({ taskId }: Pick<Task, 'taskId'>): string {
  return `<!-- abca:task ${taskId} -->`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  const text = lines.join('\n');
  return text === '' || text === '> ' ? [] : [`### ${title}`, text];
}

const checkWords: Readonly<Record<RecordedCheck['outcome'], string>> = {
  passed: 'ended well',
  failed: 'ended with an error',
  unknown: 'result not recorded',
};

function checkLines(checks: readonly RecordedCheck[]): readonly string[] {
  if (checks.length === 0) return ['None was recorded.'];
  return checks.map(({ command, outcome }) => `- ${codeSpan(command)}: ${checkWords[outcome]}`);
}

function approvalLines({ requests, permitted }: WorkRecord): readonly string[] {
  return [
    ...requests.map(requestLine),
    ...(permitted.length === 0 ? [] : [`- Permitted in advance: ${permitted.map(codeSpan).join(', ')}`]),
    ...(requests.length + permitted.length === 0 ? ['None was asked for.'] : []),
  ];
}

function requestLine({ tool, call, outcome, scope }: RecordedRequest): string {
  const extent = scope === undefined || scope === 'this_call' ? '' : `, and ${codeSpan(scope)} from then on`;
  return `- ${codeSpan(tool)} ${codeSpan(call)}: ${outcome}${extent}`;
}

function runLines({ task, usage, workedMs }: WorkReport): readonly string[] {
  const { turns, costUsd, inputTokens, outputTokens, model } = usage;
  return [
    `- Task: \`${task.taskId}\``,
    `- Model: ${codeSpan(model)}`,
    `- Cost: ${costUsd.toFixed(2)} USD, ${String(inputTokens)} tokens in, ${String(outputTokens)} out`,
    `- Turns: ${String(turns)}`,
    `- Time: ${duration(workedMs)}`,
  ];
}

function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `${String(hours)} h ${String(minutes)} min`;
  return minutes > 0 ? `${String(minutes)} min ${String(seconds % 60)} s` : `${String(seconds)} s`;
}

function changesText({ task, settings }: WorkReport): string {
  const command = `bgagent submit --repo ${task.repo} --type pr_iteration --pr <number of this pull request> --task "…"`;
  const line = `\`${command}\``;
  if (settings.forge !== 'github') return line;
  // As code, and not at the start of a line: it addresses nobody here, and can be copied.
  return `Where this repository takes tasks from comments, somebody with write access comments \`@abca …\` here. Anybody who may submit: ${line}`;
}

function clean(text: string): string {
  return redactOrHide(stripEscapes(text));
}
