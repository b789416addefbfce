/** What a file is, by its name and place: the rules for it ask for these words. */
export type PathKind = 'env_file' | 'credentials';

const envFile = /^(?:\.env(?:rc|\..+)?|.+\.env)$/;
const envExample = /\.(?:example|sample|template)$/;

const credentialNames: ReadonlySet<string> = new Set(
  (
    '.npmrc .yarnrc .yarnrc.yml .netrc _netrc .pypirc .git-credentials .pgpass .my.cnf .htpasswd .dockercfg ' +
    '.dockerconfigjson .vault-token .terraformrc credentials.json secrets.json secrets.yml secrets.yaml ' +
    'application_default_credentials.json id_rsa id_dsa id_ecdsa id_ed25519 id_ecdsa_sk id_ed25519_sk authorized_keys ' +
    'kubeconfig'
  ).split(' '),
);
const credentialPatterns = [
  /\.(?:pem|key|p12|pfx|jks|keystore|ppk|kdbx)$/,
  /service[-_]?account.*\.json$/,
  /^client_secret.*\.json$/,
];
const credentialPlaces =
  /(?:^|\/)(?:\.aws\/(?:credentials|config)|\.docker\/config\.json|\.kube\/config|\.config\/gh\/hosts\.yml|\.config\/git\/credentials|\.config\/gcloud\/.+|\.azure\/.+|\.gnupg\/.+|\.cargo\/credentials[^/]*|\.gem\/credentials|\.bundle\/config)$|^~\/\.ssh(?:\/|$)|(?:^|\/)(?:root|home\/[^/]+|users\/[^/]+)\/\.ssh(?:\/|$)/;

/**
 * What a path, spelled as path facts spell it, is by its name. In any case of letters: a disk may not tell cases apart.
 * Examples and templates of environment files are none.
 */
export function kindsOf(repoRelative: string, basename: string): readonly PathKind[] {
  const [path, name] = [repoRelative.toLowerCase(), basename.toLowerCase()];
  const kinds: PathKind[] = [];
  if (isCredentials(path, name)) kinds.push('credentials');
  if (envFile.test(name) && !envExample.test(name)) kinds.push('env_file');
  return kinds;
}

function isCredentials(path: string, name: string): boolean {
  return (
    credentialNames.has(name) || credentialPatterns.some((pattern) => pattern.test(name)) || credentialPlaces.test(path)
  );
}
