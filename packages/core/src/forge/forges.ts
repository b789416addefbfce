import { AbcaError } from '../errors/abca-error.ts';
import type { Forge } from '../ports/forge.ts';

/** The forges of a program by their kind. */
export type Forges = ReadonlyMap<string, Forge>;

/** The forges by their own kind. Of two of one kind the last counts. */
export function forgesOf(forges: readonly Forge[]): Forges {
  return new Map(forges.map((forge) => [forge.type, forge]));
}

/** @throws AbcaError UNKNOWN_FORGE, naming the kinds that are there */
export function getForge(forges: Forges, type: string): Forge {
  const forge = forges.get(type);
  if (forge !== undefined) return forge;
  const known = [...forges.keys()].sort().join(', ') || 'none';
  throw new AbcaError('UNKNOWN_FORGE', `forge "${type}" is not available; available: ${known}`);
}
