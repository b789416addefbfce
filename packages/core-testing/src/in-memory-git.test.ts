import type { RepoId } from '@abca/core';
import { InMemoryForge, InMemoryGitHost, InMemoryWorkspace, type InMemoryFiles } from '@abca/core/testing';
import { forgeContract, type ForgeHarness } from './forge.contract.ts';
import type { RemoteControl } from './remote-control.ts';
import { workspaceContract, type WorkspaceHarness } from './workspace.contract.ts';

const cloneUrl = 'memory://acme/shop';

function createWorld(files?: InMemoryFiles): ForgeHarness & WorkspaceHarness {
  const host = new InMemoryGitHost();
  const repository = host.addRepository(cloneUrl, files);
  const workspace = new InMemoryWorkspace(host);
  const remote: RemoteControl = {
    repo: { repo: 'acme/shop' as RepoId, cloneUrl },
    files: async (ref) => repository.commits.get(repository.refs.get(ref) ?? '')?.files,
    sha: async (ref) => repository.refs.get(ref),
    commit: async (branch, changes) => repository.commitTo(branch, changes),
    refuseBranches: async (reason) => {
      repository.refusal = reason;
    },
  };
  let dirs = 0;
  return {
    workspace,
    forge: new InMemoryForge(host),
    remote,
    notARepository: 'memory://nowhere',
    newDir: async () => `/dir/${String((dirs += 1))}`,
    write: async (dir, path, content) => {
      workspace.writeFile(dir, path, content);
    },
    remove: async (dir, path) => {
      workspace.removeFile(dir, path);
    },
    read: async (dir, path) => workspace.readFile(dir, path),
    save: async (ref, changes) => {
      const main = repository.refs.get('refs/heads/main')!;
      const { sha } = repository.addCommit({ ...repository.filesAt(main), ...changes }, [main]);
      repository.refs.set(ref, sha);
      return sha;
    },
  };
}

workspaceContract({ create: async (files) => createWorld(files) });
forgeContract({ create: async (files) => createWorld(files) });
