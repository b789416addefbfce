import { agentServerLauncher, FakeAgentCore, fakeRuntimeArn } from '@abca/core-testing/fakes/agentcore';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentImage, Cloud } from './cloud.ts';

/** How long a container has to end, milliseconds. */
const stopGraceMs = 3_000;

/** AgentCore Runtime on loopback. A session runs the server program, as a process of the test. */
export class AgentCoreCloud implements Cloud {
  readonly fake: FakeAgentCore;
  readonly spec;
  readonly #deployed: { environment: Readonly<Record<string, string>> };

  private constructor(fake: FakeAgentCore, deployed: { environment: Readonly<Record<string, string>> }) {
    this.fake = fake;
    this.#deployed = deployed;
    this.spec = { type: 'agentcore' as const, endpoint: fake.url, runtimeArn: fakeRuntimeArn };
  }

  /** @param options.folder of the containers */
  static async open(image: AgentImage, { folder }: { readonly folder: string }): Promise<AgentCoreCloud> {
    const deployed: { environment: Readonly<Record<string, string>> } = { environment: {} };
    const fake = await FakeAgentCore.start({
      // The container's environment is what was deployed last, when it comes up.
      launch: (session) => {
        mkdirSync(folder, { recursive: true });
        const home = mkdtempSync(join(folder, 'container-'));
        const env = {
          PATH: process.env['PATH'] ?? '',
          HOME: home,
          TMPDIR: home,
          HOST: '127.0.0.1',
          ...deployed.environment,
        };
        return agentServerLauncher({ command: image.server, env, cwd: home, stopGraceMs })(session);
      },
    });
    return new AgentCoreCloud(fake, deployed);
  }

  deploy(environment: Readonly<Record<string, string>>): void {
    this.#deployed.environment = environment;
  }

  sessions(): ReturnType<Cloud['sessions']> {
    const ids = new Set(this.fake.requests.map(({ sessionId }) => sessionId));
    return [...ids].flatMap((sessionId) => {
      const session = this.fake.session(sessionId);
      if (session === undefined) return [];
      return Array.from({ length: session.environment }, (_, index) => ({
        sessionId,
        running: index + 1 === session.environment && session.endedBy === undefined,
      }));
    });
  }

  trouble(kind: Parameters<Cloud['trouble']>[0], times = 1): void {
    switch (kind) {
      case 'start_unanswered':
        for (let nth = 0; nth < times; nth += 1) this.fake.loseNextAnswer('invoke');
        break;
      case 'stop_refused':
        this.fake.failNext('stop', 'AccessDeniedException', times);
        break;
      case 'poll_denied':
        break;
      case 'container_broken':
        this.fake.breakContainers(times);
    }
  }

  close(): Promise<void> {
    return this.fake.close();
  }
}
