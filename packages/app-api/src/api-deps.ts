import type {
  ApprovalRepository,
  CancelDeps,
  Channel,
  EventFeed,
  IdentityLinks,
  NotificationSettingsRepository,
  RateLimiter,
  ReconcileOptions,
  SubmitDeps,
  UserId,
} from '@abca/core';
import type { MiddlewareHandler } from 'hono';
import type { Authenticate } from './auth/authenticate.ts';
import type { ApiEnv } from './http/api-env.ts';
import type { SignedRoutes } from './http/signed-routes.ts';

/** What the API is made of: the ports of the use cases it calls, and who may call. */
export interface ApiDeps extends SubmitDeps, CancelDeps {
  readonly approvals: ApprovalRepository;
  /** Shared by every process that serves the API: decisions and nudges are counted by it. */
  readonly rates: RateLimiter;
  readonly feed: EventFeed;
  readonly authenticate: Authenticate;
  /** Whether this caller may see and stop what runs for anybody. Default: nobody may. */
  readonly isOperator?: (userId: UserId) => boolean | Promise<boolean>;
  /** For `POST /v1/ops/reconcile`. Its time is 20 seconds unless this says otherwise. */
  readonly reconcile?: ReconcileOptions;
  /** Version that health and the document tell. */
  readonly version: string;
  /** Which model tasks run with, as said to people. */
  readonly modelLabel?: string;
  /** Run before authentication: `loopbackOnly()` on a local server. */
  readonly guard?: MiddlewareHandler<ApiEnv>;
  /**
   * Routes for other systems, which sign what they send. Served before `guard` and without a token. Default: none.
   *
   * @example signed: [webhooks(ports, { github: { secrets } })]
   */
  readonly signed?: readonly SignedRoutes[];
  /** How people are told, and the channels that are set up on this installation. Default: nobody can be told. */
  readonly notifications?: {
    readonly settings: NotificationSettingsRepository;
    readonly links: IdentityLinks;
    readonly channels: readonly Channel[];
  };
  /** Time between keep-alive comments of an event stream, milliseconds. Default 15,000. */
  readonly keepAliveMs?: number;
  /** Largest body, bytes. Default 256 KiB: a task of 10,000 characters fits with every character escaped. */
  readonly maxBodyBytes?: number;
}
