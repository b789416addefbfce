/** Slack on loopback: `startFakeSlack()`. See slack.md. */
export { FakeSlack, startFakeSlack, type Click, type FakeSlackOptions, type SlackCall } from './fake-slack.ts';
export { blockProblems } from './block-rules.ts';
export { type FakeView, type Forgery, type SlackRequest } from './slack-interactivity.ts';
export { slackMethods, slackTerminalCodes, type SlackMethod, type SlackTrouble } from './slack-troubles.ts';
export { type FakeChannel, type FakeEphemeral, type FakeMessage, type Json } from './slack-workspace.ts';
