import { formatIso, loadPoliciesOf, type RepoConfig } from '@abca/core';
import type { ApiDeps } from '../api-deps.ts';
import type { Api } from '../http/api-app.ts';
import { toPoliciesView } from '../wire/policies-wire.ts';
import { toSecurity } from '../wire/security-wire.ts';
import { getPoliciesRoute, setPoliciesRoute } from './policy-routes.ts';
import { getActive } from './repos.ts';

/** Clients may keep policies this long. A PUT to the same address makes them forget it; the server itself keeps nothing. */
const cacheControl = 'private, max-age=300';

/** The policies of a repository: get them as they apply, replace its own. */
export function addPolicyRoutes(app: Api, deps: ApiDeps): void {
  app.openapi(getPoliciesRoute, async (c) => {
    const config = await getActive(deps, c.req.valid('param'));
    const data = toPoliciesView(config, await loadPoliciesOf(deps.policies, config));
    return c.json({ data }, 200, { 'Cache-Control': cacheControl });
  });

  app.openapi(setPoliciesRoute, async (c) => {
    const found = await getActive(deps, c.req.valid('param'));
    const security = toSecurity(c.req.valid('json'));
    const engine = await deps.policies.load(security.cedarPolicies);
    const config: RepoConfig = {
      ...found,
      blueprint: { ...found.blueprint, security },
      updatedAt: formatIso(deps.clock.nowMs()),
    };
    await deps.repos.put(config);
    return c.json({ data: toPoliciesView(config, engine) }, 200);
  });
}
