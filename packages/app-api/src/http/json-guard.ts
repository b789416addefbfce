import { validationProblem } from '../errors/validation-problem.ts';

/** Deepest nesting of a body. Ours need five levels; walks over JSON elsewhere are recursive. */
const maxDepth = 32;
/** Smallest number a store can keep apart from 0, with room. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const minMagnitude = 1e-100;

interface Visit {
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
}

/**
 * Refuse JSON that no store could keep as it came: half surrogate pairs, numbers beyond exact range, empty names, endless
 * nesting. The walk is iterative, so that the depth it guards against cannot break it.
 *
 * @throws ApiProblem VALIDATION_ERROR with the path
 */
export function assertStorableJson(root: unknown): void {
  const open: Visit[] = [{ value: root, path: '', depth: 0 }];
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const message = findFault(visit);
    if (message !== undefined) throw validationProblem([{ in: 'body', path: visit.path, message }]);
    open.push(...childrenOf(visit));
  }
}

function findFault({ value, depth }: Visit): string | undefined {
  if (depth > maxDepth) return `nested deeper than ${String(maxDepth)} levels`;
  if (typeof value === 'string' && !value.isWellFormed())
    return 'holds half a surrogate pair, which is not a character';
  if (typeof value === 'number') return findNumberFault(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.keys(value).every((key) => key !== '' && key.isWellFormed())
    ? undefined
    : 'has a field whose name is empty or not well-formed';
}

function findNumberFault(value: number): string | undefined {
  const magnitude = Math.abs(value);
  return magnitude === 0 || (magnitude >= minMagnitude && magnitude <= Number.MAX_SAFE_INTEGER)
    ? undefined
    : 'is a number that cannot be kept exactly';
}

function* childrenOf({ value, path, depth }: Visit): Generator<Visit> {
  if (typeof value !== 'object' || value === null) return;
  const isList = Array.isArray(value);
  for (const [key, item] of Object.entries(value)) {
    yield { value: item, path: isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`, depth: depth + 1 };
  }
}
