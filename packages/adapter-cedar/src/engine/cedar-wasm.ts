import type * as cedarWasm from '@cedar-policy/cedar-wasm/nodejs';
import { AbcaError } from '@abca/core';

/** The functions of cedar-wasm. */
export type CedarWasm = typeof cedarWasm;

/** A problem as Cedar reports it. */
export type CedarProblem =
  ReturnType<CedarWasm['checkParseSchema']> extends infer Answer
    ? Answer extends { readonly errors: readonly (infer Problem)[] }
      ? Problem
      : never
    : never;

/**
 * Load cedar-wasm: 4 MB that only programs pay for which judge policies. It reads its binary from beside itself, so a
 * bundle keeps it as an external package.
 *
 * @throws AbcaError POLICY_INVALID when the package or its binary is missing: nothing is allowed without it.
 */
export async function loadCedarWasm(): Promise<CedarWasm> {
  try {
    return await import('@cedar-policy/cedar-wasm/nodejs');
  } catch (error) {
    throw new AbcaError(
      'POLICY_INVALID',
      'the policy engine did not load: install @cedar-policy/cedar-wasm beside the program and keep it out of its bundle',
      { cause: error },
    );
  }
}
