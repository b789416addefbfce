/** The public surface of `@abca/app-credentials`. What Lambda runs is in `lambda.ts`. */
export { createCredentialsFunction, type CredentialsAnswer, type CredentialsFunction } from './credentials-function.ts';
