import type { ScriptFault } from '@abca/scripted-model';
import { afterEach, describe, expect, test } from '@jest/globals';
import { aBench, type Bench, bash } from './run-claude.test-kit.ts';

const benches: Bench[] = [];
afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.dispose()));
});

async function benchWith(...faults: ScriptFault[]): Promise<Bench> {
  const bench = await aBench({ turns: [bash('true'), { text: 'made it', faults }] });
  benches.push(bench);
  return bench;
}

describe('ClaudeCodingAgent › a model that fails', () => {
  test.each<[string, ScriptFault]>([
    ['429 with retry-after', { kind: 'http', status: 429, times: 1, retryAfterS: 1 }],
    ['529', { kind: 'http', status: 529, times: 2 }],
    ['500', { kind: 'http', status: 500, times: 1 }],
    ['a stream that is cut', { kind: 'cut', afterEvents: 4, times: 1 }],
    ['silence', { kind: 'hang', times: 1 }],
  ])('finishes after %s that passes', async (_, fault) => {
    const bench = await benchWith(fault);

    const outcome = await bench.run();

    expect(outcome).toMatchObject({ kind: 'finished', summary: 'made it', turns: 2 });
  });

  test.each<[string, ScriptFault, RegExp]>([
    ['429', { kind: 'http', status: 429 }, /429/],
    ['429 that asks for an hour', { kind: 'http', status: 429, retryAfterS: 3600 }, /429/],
    ['529', { kind: 'http', status: 529, message: 'all busy' }, /529.*all busy/],
    ['500', { kind: 'http', status: 500 }, /500/],
    ['401', { kind: 'http', status: 401, message: 'bad key' }, /401.*bad key/],
    ['a stream that is cut', { kind: 'cut', afterEvents: 4 }, /broke off|ended/],
    ['an HTML page', { kind: 'garbage', form: 'html' }, /./],
    ['events that are not JSON', { kind: 'garbage', form: 'sse' }, /./],
    ['JSON of another shape', { kind: 'garbage', form: 'json' }, /./],
    ['silence', { kind: 'hang' }, /silent/],
  ])('fails as MODEL_UNAVAILABLE on %s without end', async (_, fault, message) => {
    const bench = await benchWith(fault);

    const outcome = await bench.run();

    expect(outcome).toMatchObject({
      kind: 'failed',
      code: 'MODEL_UNAVAILABLE',
      message: expect.stringMatching(message),
      turns: 1,
    });
  });

  test('fails as MODEL_UNAVAILABLE when nothing listens at the address', async () => {
    const bench = await benchWith();
    await bench.model.stop();

    const outcome = await bench.run();

    expect(outcome).toMatchObject({ kind: 'failed', code: 'MODEL_UNAVAILABLE', turns: 0 });
  });
});
