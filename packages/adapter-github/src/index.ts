export { createGitHubClient, type GitHubClient, type GitHubClientOptions } from './client/github-client.ts';
export { type RetryOptions } from './client/octokit.ts';
export { GitHubForge } from './forge/github-forge.ts';
export { GitHubNotifier, type GitHubNotifierOptions } from './notify/github-notifier.ts';
export { GitHubPeople } from './people/github-people.ts';
export { AppForgeTokens, type AppTokensOptions } from './tokens/app-forge-tokens.ts';
export { type GitHubTokens } from './tokens/github-tokens.ts';
export { PatForgeTokens, type PatOptions } from './tokens/pat-forge-tokens.ts';
