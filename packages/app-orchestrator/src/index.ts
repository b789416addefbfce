/** The public surface of `@abca/app-orchestrator`. What Lambda runs is in `lambda.ts`. */
export { createOrchestrator, strategiesOf, type OrchestratorConfig } from './orchestrator.ts';
export { runTask, type WorkflowDeps } from './workflow.ts';
