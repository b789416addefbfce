/** The public surface of `@abca/adapter-feed`. */
export { HttpDecisionFeed, type HttpDecisionFeedOptions } from './http-decision-feed.ts';
export { serveDecisionFeed, type DecisionFeedServer, type DecisionFeedServerOptions } from './serve-decision-feed.ts';
