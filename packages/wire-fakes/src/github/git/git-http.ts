import { admit } from '../wire/access.ts';
import { ApiError } from '../wire/api-error.ts';
import type { Failures } from '../wire/failures.ts';
import type { RawReply, RawRequest } from '../wire/http-server.ts';
import type { RecordedRequest } from '../wire/rest-api.ts';
import type { IssuedToken } from '../world/tokens.ts';
import type { World } from '../world/world.ts';
import { runGit } from './run-git.ts';

type Service = 'git-upload-pack' | 'git-receive-pack';

const route = /^\/(?<owner>[^/]+)\/(?<name>[^/]+?)(?:\.git)?\/(?<rest>info\/refs|git-upload-pack|git-receive-pack)$/;

/** git's smart HTTP protocol for the bare repositories of a {@link World}. */
export class GitHttp {
  readonly #world: World;
  readonly #failures: Failures;
  readonly #record: (request: RecordedRequest) => void;

  constructor(world: World, failures: Failures, record: (request: RecordedRequest) => void) {
    this.#world = world;
    this.#failures = failures;
    this.#record = record;
  }

  async answer(request: RawRequest): Promise<RawReply> {
    const { owner = '', name = '', rest = '' } = route.exec(request.path)?.groups ?? {};
    const advertises = rest === 'info/refs';
    const service = (advertises ? request.query['service'] : rest) as Service | undefined;
    if (owner === '' || service === undefined) return text(404, 'Not Found');
    const credential = passwordOf(request.headers['authorization']);
    const line = `${request.method} ${request.path}`;
    const fate = this.#failures.meet({ id: service, line }, Math.floor(this.#world.clock.nowMs() / 1000));
    const done =
      fate.kind === 'go' || fate.accepted
        ? await this.#serve(request, { fullName: `${owner}/${name}`, service, advertises, credential })
        : undefined;
    const reply = fate.kind === 'go' ? (done ?? text(500, '')) : fallen(fate.as);
    const status = reply === 'reset' ? 0 : reply.status;
    const { method, path, query } = request;
    this.#record({ id: service, method, path, query, body: undefined, status, credential });
    return reply;
  }

  async #serve(
    request: RawRequest,
    asked: { fullName: string; service: Service; advertises: boolean; credential: string | undefined },
  ): Promise<Exclude<RawReply, 'reset'>> {
    const token = this.#world.tokens.findLive(asked.credential ?? '', this.#world.clock.nowMs());
    if (token === undefined) {
      const headers = { 'www-authenticate': 'Basic realm="GitHub"', 'content-type': 'text/plain' };
      return { status: 401, headers, body: 'Invalid username or token.' };
    }
    try {
      const repository = this.#admit(token, asked);
      if (repository.gitDir === undefined) throw new ApiError(404, 'Repository not found.');
      if (asked.advertises) count(token, asked.service);
      for (const pull of repository.pulls.values()) await repository.headOf(pull);
      return await run(request, { ...asked, gitDir: repository.gitDir });
    } catch (error) {
      if (error instanceof ApiError) return text(error.status, error.message);
      throw error;
    }
  }

  #admit(token: IssuedToken, { fullName, service }: { fullName: string; service: Service }): ReturnType<typeof admit> {
    const level = service === 'git-receive-pack' ? 'write' : 'read';
    const repository = admit(this.#world, token, { fullName, needs: [['contents', level]] });
    const person = this.#world.people.permissionOf(token.account.login, fullName);
    if (level === 'write' && token.kind === 'personal' && !['write', 'admin'].includes(person)) {
      throw new ApiError(403, `Permission to ${fullName}.git denied to ${token.account.login}.`);
    }
    return repository;
  }
}

async function run(
  request: RawRequest,
  asked: { readonly service: Service; readonly advertises: boolean; readonly gitDir: string },
): Promise<Exclude<RawReply, 'reset'>> {
  const program = asked.service.slice('git-'.length);
  // GitHub hands out any commit of the repository by its sha, and lets nobody push to the refs of pull requests.
  const settings = ['-c', 'uploadpack.allowAnySHA1InWant=true', '-c', 'receive.hideRefs=refs/pull'];
  const flags = ['--stateless-rpc', ...(asked.advertises ? ['--advertise-refs'] : [])];
  const protocol = request.headers['git-protocol'];
  const { stdout } = await runGit([...settings, program, ...flags, asked.gitDir], {
    input: request.body,
    ...(protocol !== undefined && { environment: { GIT_PROTOCOL: protocol } }),
  });
  const kind = asked.advertises ? 'advertisement' : 'result';
  const head = asked.advertises ? Buffer.from(packetLine(`# service=${asked.service}\n`)) : Buffer.alloc(0);
  return {
    status: 200,
    headers: { 'content-type': `application/x-${asked.service}-${kind}`, 'cache-control': 'no-cache' },
    body: Buffer.concat([head, stdout]),
  };
}

/** A line of git's protocol and the mark of its end. */
function packetLine(line: string): string {
  return `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`;
}

function count(token: IssuedToken, service: Service): void {
  if (service === 'git-receive-pack') token.used.gitWrites += 1;
  else token.used.gitReads += 1;
}

/** The password of Basic authentication: any user name does. */
function passwordOf(authorization: string | undefined): string | undefined {
  const [scheme = '', encoded = ''] = (authorization ?? '').split(' ');
  if (scheme.toLowerCase() !== 'basic') return undefined;
  return Buffer.from(encoded, 'base64').toString().split(':')[1];
}

function text(status: number, message: string): Exclude<RawReply, 'reset'> {
  return { status, headers: { 'content-type': 'text/plain' }, body: message };
}

function fallen(as: ApiError | 'reset'): RawReply {
  return as === 'reset' ? as : { ...text(as.status, as.message), headers: as.headers };
}
