/** What comes from Slack. Loads no client: for an API that answers and does not post. */
export { verifySlackSignature, type SignatureVerdict, type SignedRequest } from './inbound/verify-signature.ts';
export { parseInteraction, type CardPlace, type Interaction } from './inbound/parse-interaction.ts';
export { type SlackReplies } from './inbound/slack-replies.ts';
