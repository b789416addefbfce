import { LocalComputeStrategy } from './local-compute-strategy.ts';
import { systemClock } from './local-session.test-kit.ts';
import type { FixtureOrder } from './platform-fixture.test-kit.ts';

const { options, input } = JSON.parse(process.argv[2] ?? '') as FixtureOrder;
process.stdin.on('end', () => process.exit()).resume();
// Lets a program on the session's PATH kill this process at a moment of its choice.
const extraEnv = { ...options.extraEnv, TEST_PLATFORM_PID: String(process.pid) };
const strategy = new LocalComputeStrategy({ ...options, extraEnv, clock: systemClock });
process.stdout.write(`${JSON.stringify(await strategy.startSession(input))}\n`);
