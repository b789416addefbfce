import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { AbcaError } from '../errors/abca-error.ts';
import { orchestratorEnvironmentSchema } from './orchestrator-environment.ts';
import { parseEnvironment } from './parse-environment.ts';
import { reconcilerEnvironmentSchema } from './reconciler-environment.ts';

const schema = z.object({ REGION: z.string().min(1), PORT: z.coerce.number().int(), NAME: z.string().optional() });

function refused(environment: Readonly<Record<string, string | undefined>>): AbcaError {
  try {
    parseEnvironment('the agent', schema, environment);
  } catch (error) {
    if (AbcaError.is(error, 'CONFIG_INVALID')) return error;
  }
  throw new Error('it was not refused');
}

describe('parseEnvironment()', () => {
  test('gives the settings, and leaves out what is not one', () => {
    expect(parseEnvironment('the agent', schema, { REGION: 'r', PORT: '80', PATH: '/bin' })).toStrictEqual({
      REGION: 'r',
      PORT: 80,
    });
  });

  test('takes a variable that is undefined for one that is not set', () => {
    const given = { REGION: 'r', PORT: '80', NAME: undefined };

    expect(Object.keys(parseEnvironment('the agent', schema, given))).toStrictEqual(['REGION', 'PORT']);
  });

  test('takes an empty variable for one that is not set', () => {
    expect(parseEnvironment('the agent', schema, { REGION: 'r', PORT: '80', NAME: '' })).not.toHaveProperty('NAME');
    expect(refused({ REGION: 'r', PORT: '' }).message).toContain('PORT');
  });

  test('names every problem at once, and repeats no value: it may be secret', () => {
    const { message, retryable } = refused({ REGION: undefined, PORT: 'hunter2' });

    expect(message).toMatch(/^the environment of the agent is not complete:\n/);
    expect(message).toContain('REGION');
    expect(message).toContain('PORT');
    expect(message).not.toContain('hunter2');
    expect(retryable).toBe(false);
  });
});

describe('orchestratorEnvironmentSchema', () => {
  const complete = { AWS_REGION: 'us-east-1', ABCA_TABLE_PREFIX: 'abca', ABCA_COMPUTE_TYPE: 'local' };

  test('reads the environment of the orchestrator', () => {
    expect(parseEnvironment('it', orchestratorEnvironmentSchema, complete)).toStrictEqual(complete);
  });

  test.each(Object.keys(complete))('wants %s', (name) => {
    for (const value of ['', undefined]) {
      expect(orchestratorEnvironmentSchema.safeParse({ ...complete, [name]: value }).success).toBe(false);
    }
  });
});

describe('reconcilerEnvironmentSchema', () => {
  const complete = {
    AWS_REGION: 'us-east-1',
    ABCA_TABLE_PREFIX: 'abca',
    ABCA_ORCHESTRATOR_FUNCTION: 'abca-orchestrator:live',
  };

  test('reads the environment of the reconciler', () => {
    expect(parseEnvironment('it', reconcilerEnvironmentSchema, complete)).toStrictEqual(complete);
  });

  test.each(Object.keys(complete))('wants %s', (name) => {
    for (const value of ['', undefined]) {
      expect(reconcilerEnvironmentSchema.safeParse({ ...complete, [name]: value }).success).toBe(false);
    }
  });
});
