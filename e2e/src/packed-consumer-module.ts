import { createEcsClient } from '@abca/adapter-ecs';
import { ecsComputeModule } from '@abca/adapter-ecs/module';
import { createJsonLogger, tokens, type ComputeStrategy } from '@abca/core';
import { Container } from 'inversify';
import { clock, ecsUrl, roundTrip, settings } from './packed-round-trip.ts';

/** The same with Inversify: the adapter's module in a container of the consumer's own. */

const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
const client = createEcsClient({ endpoint: ecsUrl, region: 'us-east-1', credentials });
const container = new Container();
container.bind(tokens.clock).toConstantValue(clock);
container.bind(tokens.logger).toConstantValue(createJsonLogger((line) => process.stderr.write(`${line}\n`), { clock }));
container.load(ecsComputeModule({ settings, client: () => client }));
for (const strategy of container.getAll<ComputeStrategy>(tokens.computeStrategy)) await roundTrip(strategy);
client.destroy();
