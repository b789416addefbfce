import type { ApiDeps } from './api-deps.ts';
import { createApp, type Api } from './http/api-app.ts';
import { addDocumentRoute } from './openapi/document.ts';
import { addEventRoutes } from './routes/events.ts';
import { addApprovalRoutes } from './routes/approvals.ts';
import { addHealthRoute } from './routes/health.ts';
import { addNotificationRoutes } from './routes/notifications.ts';
import { addOpsRoutes } from './routes/ops.ts';
import { addPolicyRoutes } from './routes/policies.ts';
import { addRepoRoutes } from './routes/repos.ts';
import { addTaskRoutes } from './routes/tasks.ts';
import { EventHub } from './stream/event-hub.ts';

/** The API as an app that answers `fetch`-style requests, wherever it runs. */
export type ApiServer = Api & {
  /** End every open event stream cleanly. For a server that stops; clients resume with the next one. */
  endStreams(): void;
};

/** The HTTP API over `deps`. One app for Lambda and for the local server. */
export function createApi(deps: ApiDeps): ApiServer {
  const app = createApp(deps);
  const hub = new EventHub(deps);
  addHealthRoute(app, deps);
  addTaskRoutes(app, deps);
  addEventRoutes(app, deps, hub);
  addApprovalRoutes(app, deps);
  addRepoRoutes(app, deps);
  addPolicyRoutes(app, deps);
  addOpsRoutes(app, deps);
  addNotificationRoutes(app, deps);
  addDocumentRoute(app, deps.version);
  return Object.assign(app, {
    endStreams: () => {
      hub.close();
    },
  });
}
