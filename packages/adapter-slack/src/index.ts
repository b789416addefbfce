/**
 * The public surface of `@abca/adapter-slack`. The Inversify module is in `@abca/adapter-slack/module`; what comes from Slack, in
 * `@abca/adapter-slack/inbound`.
 */
export { SlackApi, type SlackApiOptions } from './api/slack-api.ts';
export { SlackNotifier, type SlackNotifierOptions } from './slack-notifier.ts';
export { SlackWebReplies, type SlackWebRepliesOptions } from './slack-web-replies.ts';
export { verifySlackSignature, type SignatureVerdict, type SignedRequest } from './inbound/verify-signature.ts';
export { parseInteraction, type CardPlace, type Interaction } from './inbound/parse-interaction.ts';
export { type SlackReplies } from './inbound/slack-replies.ts';
