import { describe, expect, test } from '@jest/globals';
import { parseComputeSettings } from './compute-settings.ts';

describe('parseComputeSettings()', () => {
  test.each([
    {},
    { cpu: 256, memory: 512 },
    { cpu: 256, memory: 1024 },
    { cpu: 256, memory: 2048 },
    { cpu: 512, memory: 1024 },
    { cpu: 512, memory: 4096 },
    { cpu: 1024, memory: 2048 },
    { cpu: 1024, memory: 8192 },
    { cpu: 2048, memory: 4096 },
    { cpu: 2048, memory: 5120 },
    { cpu: 2048, memory: 16_384 },
    { cpu: 4096, memory: 8192, ephemeralStorage: 21 },
    { cpu: 4096, memory: 30_720, ephemeralStorage: 200 },
    { cpu: 8192, memory: 16_384 },
    { cpu: 8192, memory: 61_440 },
    { cpu: 16_384, memory: 32_768 },
    { cpu: 16_384, memory: 122_880 },
  ])('takes %j', (settings) => {
    expect(parseComputeSettings(settings)).toStrictEqual(settings);
  });

  test.each([
    [{ cpu: 1024 }, 'compute: cpu and memory go together'],
    [{ memory: 2048 }, 'compute: cpu and memory go together'],
    [{ cpu: 3, memory: 2048 }, 'cpu: Fargate has no 3 CPU units; use one of 256, 512, 1024, 2048, 4096, 8192, 16384'],
    [{ cpu: 256, memory: 4096 }, 'memory: Fargate has no 4096 MiB for 256 CPU units; use one of 512, 1024, 2048'],
    [{ cpu: 512, memory: 512 }, 'memory: Fargate has no 512 MiB'],
    [{ cpu: 512, memory: 5120 }, 'memory: Fargate has no 5120 MiB'],
    [{ cpu: 1024, memory: 1024 }, 'memory: '],
    [{ cpu: 1024, memory: 9216 }, 'memory: '],
    [{ cpu: 2048, memory: 3072 }, 'memory: '],
    [{ cpu: 2048, memory: 17_408 }, 'memory: '],
    [{ cpu: 4096, memory: 7168 }, 'memory: '],
    [{ cpu: 4096, memory: 31_744 }, 'memory: '],
    [{ cpu: 8192, memory: 12_288 }, 'memory: '],
    [{ cpu: 8192, memory: 17_408 }, 'memory: '],
    [{ cpu: 8192, memory: 65_536 }, 'memory: '],
    [{ cpu: 16_384, memory: 24_576 }, 'memory: '],
    [{ cpu: 16_384, memory: 36_864 }, 'memory: '],
    [{ cpu: 16_384, memory: 131_072 }, 'memory: '],
    [{ cpu: '1024', memory: 2048 }, 'cpu: '],
    [{ ephemeralStorage: 20 }, 'ephemeralStorage: '],
    [{ ephemeralStorage: 201 }, 'ephemeralStorage: '],
    [{ ephemeralStorage: 30.5 }, 'ephemeralStorage: '],
    [{ type: 'ecs' }, 'Unrecognized key: "type"'],
    [{ Cpu: 1024 }, 'Unrecognized key: "Cpu"'],
  ])('refuses %j', (settings, problem) => {
    expect(() => parseComputeSettings(settings)).toThrow(
      expect.objectContaining({
        code: 'SESSION_START_FAILED',
        retryable: false,
        message: expect.stringMatching(/^compute settings are not valid for ecs: .*; correct the blueprint$/),
      }),
    );
    expect(() => parseComputeSettings(settings)).toThrow(problem);
  });
});
