export { type CloneUrl, parseCloneUrl } from './git/clone-url.ts';
export { type GitCredentials, type GitCredentialSource, type GitOptions } from './git/git-options.ts';
export { tokenCredentials, type TokenCredentialsOptions } from './git/token-credentials.ts';
export { GitForge } from './forge/git-forge.ts';
export { type ListedPullRequest } from './forge/list-pull-requests.ts';
export { type PullNote } from './forge/pull-note.ts';
export { GitWorkspace } from './workspace/git-workspace.ts';
