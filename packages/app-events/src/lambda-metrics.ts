import { builtInRuleIds } from '@abca/adapter-cedar/built-in-rule-ids';
import { SystemClock } from '@abca/adapter-system';
import { createJsonLogger } from '@abca/core';
import { createMetricsConsumer } from './metrics/metrics-consumer.ts';

const clock = new SystemClock();
const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** What Lambda runs for each batch of the stream of the events table: metrics of approvals, into its log. It calls nothing. */
export const handler = createMetricsConsumer({
  builtInRuleIds,
  write,
  clock,
  logger: createJsonLogger(write, { clock }),
});
