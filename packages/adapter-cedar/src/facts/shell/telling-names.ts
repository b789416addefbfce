import { globMatches } from './text.ts';

const telling =
  /\.env|env$|\.git|key|\.(?:pem|p12|pfx|jks|ppk|kdbx)|credential|secret|service.?account|id_(?:rsa|dsa|ecdsa|ed25519)|npmrc|yarnrc|netrc|pypirc|pgpass|htpasswd|\.(?:aws|docker|kube|ssh|gnupg|azure|config)\b/i;

/** Names that a wildcard may stand for, and for which it matters. All start in a way that the wildcard must write out. */
const names = [
  '.env',
  '.env.local',
  '.npmrc',
  '.netrc',
  '.pypirc',
  '.git-credentials',
  '.pgpass',
  'id_rsa',
  'id_ed25519',
];

/** Whether a path's name says that writing it may matter to a rule. Wide: the rules themselves judge it. */
export function isTelling(path: string): boolean {
  return telling.test(path);
}

/** The names of files that matter which a component with wildcards may stand for, where it shows two of their letters. */
export function tellingNames(component: string): readonly string[] {
  return names.filter((name) => component.startsWith(name.slice(0, 2)) && globMatches(component, name));
}
