// Made from policies/ by: npm run generate -w packages/adapter-cedar
import type { Rule } from '../engine/rule.ts';

/** The Cedar schema of a tool call. From policies/schema.cedarschema. */
export const schemaText = `// What a policy can ask. Attributes are in snake_case; lists are sets without an order.
namespace Agent {
  // The agent, by the type of its task.
  entity TaskAgent enum ["new_task", "pr_iteration", "pr_review"];
  // A tool by its name, such as Agent::Tool::"WebFetch".
  entity Tool;
  // The file of a write: always Agent::File::"file". Which one it is, is in context.path.
  entity File;
  // The command of a shell tool: always Agent::BashCommand::"command".
  entity BashCommand;

  type PathFacts = {
    // Relative to the checkout and normalized; starts with "../" or "~" outside of it.
    repo_relative: String,
    basename: String,
    escapes_repo: Bool,
    // What the file is by its name: "env_file", "credentials".
    kinds: Set<String>,
  };

  type GitPush = {
    present: Bool,
    force: Bool,
    force_with_lease: Bool,
    // Branches by their name on the remote; "*" for all of them, "HEAD" for one that the command does not name.
    refs: Set<String>,
    deletes: Bool,
    mirror: Bool,
  };

  type Rm = {
    present: Bool,
    recursive: Bool,
    force: Bool,
    // Repo-relative inside the checkout, "~" for HOME, else absolute; "/*" for all of a folder.
    targets: Set<String>,
  };

  type Shell = {
    // Whether every part of the command that matters could be resolved by reading it.
    parsed: Bool,
    // Program names without folders, those inside pipes, bash -c, env, sudo, xargs and the like too.
    programs: Set<String>,
    git_push: GitPush,
    rm: Rm,
    // Such as "drop table", "select", "alter table".
    sql_statements: Set<String>,
    // Whether it writes any file.
    writes: Bool,
    // Paths written, moved away or removed, spelled as path.repo_relative; each is judged as a write_file too.
    writes_files: Set<String>,
    // Whether the command itself holds code of another language, as python -c does.
    inline_code: Bool,
    // Folder that the shell is left in, spelled as path.repo_relative.
    ends_in: String,
    // Ids of built-in hard rules that unresolved parts may break.
    suspicions: Set<String>,
  };

  // Every tool call.
  action invoke_tool appliesTo {
    principal: TaskAgent,
    resource: Tool,
    context: {
      task_type: String,
      repo: String,
      read_only: Bool,
      tool_name: String,
    },
  };

  // Every file that a tool or a shell command writes.
  action write_file appliesTo {
    principal: TaskAgent,
    resource: File,
    context: {
      task_type: String,
      repo: String,
      read_only: Bool,
      tool_name: String,
      file_path: String,
      path: PathFacts,
    },
  };

  // Every shell command.
  action execute_bash appliesTo {
    principal: TaskAgent,
    resource: BashCommand,
    context: {
      task_type: String,
      repo: String,
      read_only: Bool,
      tool_name: String,
      command: String,
      shell: Shell,
      // Branches that are not the agent's to push to, by their names on the remote.
      protected_branches: Set<String>,
    },
  };
}
`;

/** The one permit. From policies/base.cedar. */
export const basePermitText = `@rule_id("base_permit")
permit (principal, action, resource);
`;

/** The built-in rules of both tiers, checked. From policies/hard.cedar and policies/soft.cedar. */
export const builtInRules: readonly Rule[] = [
  {
    ruleId: 'rm_slash',
    tier: 'hard',
    severity: 'high',
    category: 'destructive',
    summary:
      'Removing the root, a system folder or HOME is forbidden; remove named paths inside the checkout or under /tmp instead.',
    source: 'built-in hard policies',
    line: 3,
    actions: ['execute_bash'],
    reads: ['shell.rm.recursive', 'shell.rm.targets', 'shell.suspicions'],
    text: `@rule_id("rm_slash")
@tier("hard")
@severity("high")
@category("destructive")
@summary("Removing the root, a system folder or HOME is forbidden; remove named paths inside the checkout or under /tmp instead.")
forbid (principal, action == Agent::Action::"execute_bash", resource)
when {
  context.shell.suspicions.contains("rm_slash") ||
  (context.shell.rm.recursive &&
   context.shell.rm.targets.containsAny([
     "/", "/*", "~", "~/*",
     "/bin", "/bin/*", "/boot", "/boot/*", "/dev", "/dev/*", "/etc", "/etc/*", "/home", "/home/*",
     "/lib", "/lib/*", "/lib32", "/lib32/*", "/lib64", "/lib64/*", "/opt", "/opt/*", "/proc", "/proc/*",
     "/root", "/root/*", "/run", "/run/*", "/sbin", "/sbin/*", "/srv", "/srv/*", "/sys", "/sys/*",
     "/usr", "/usr/*", "/var", "/var/*",
     "/Applications", "/Applications/*", "/Library", "/Library/*", "/System", "/System/*",
     "/Users", "/Users/*", "/private", "/private/*"
   ]))
};`,
  },
  {
    ruleId: 'write_git_internals',
    tier: 'hard',
    severity: 'high',
    category: 'integrity',
    summary: 'Writing inside .git is forbidden; change the repository with git commands instead.',
    source: 'built-in hard policies',
    line: 23,
    actions: ['write_file', 'execute_bash'],
    reads: ['path.repo_relative', 'path?', 'shell.ends_in', 'shell.suspicions', 'shell?'],
    text: `@rule_id("write_git_internals")
@tier("hard")
@severity("high")
@category("integrity")
@summary("Writing inside .git is forbidden; change the repository with git commands instead.")
forbid (
  principal,
  action in [Agent::Action::"write_file", Agent::Action::"execute_bash"],
  resource
)
when {
  (context has path &&
   (context.path.repo_relative == ".git" || context.path.repo_relative like ".git/*")) ||
  (context has shell &&
   (context.shell.suspicions.contains("write_git_internals") ||
    context.shell.ends_in == ".git" ||
    context.shell.ends_in like ".git/*"))
};`,
  },
  {
    ruleId: 'write_git_internals_nested',
    tier: 'hard',
    severity: 'high',
    category: 'integrity',
    summary: 'Writing inside the .git folder of another repository is forbidden; change it with git commands instead.',
    source: 'built-in hard policies',
    line: 42,
    actions: ['write_file', 'execute_bash'],
    reads: ['path.repo_relative', 'path?', 'shell.ends_in', 'shell?'],
    text: `@rule_id("write_git_internals_nested")
@tier("hard")
@severity("high")
@category("integrity")
@summary("Writing inside the .git folder of another repository is forbidden; change it with git commands instead.")
forbid (
  principal,
  action in [Agent::Action::"write_file", Agent::Action::"execute_bash"],
  resource
)
when {
  (context has path &&
   (context.path.repo_relative like "*/.git" || context.path.repo_relative like "*/.git/*")) ||
  (context has shell &&
   (context.shell.ends_in like "*/.git" || context.shell.ends_in like "*/.git/*"))
};`,
  },
  {
    ruleId: 'drop_table',
    tier: 'hard',
    severity: 'high',
    category: 'destructive',
    summary: 'Dropping a table, schema or database is forbidden; write a migration for a person to run instead.',
    source: 'built-in hard policies',
    line: 59,
    actions: ['execute_bash'],
    reads: ['shell.sql_statements', 'shell.suspicions'],
    text: `@rule_id("drop_table")
@tier("hard")
@severity("high")
@category("destructive")
@summary("Dropping a table, schema or database is forbidden; write a migration for a person to run instead.")
forbid (principal, action == Agent::Action::"execute_bash", resource)
when {
  context.shell.suspicions.contains("drop_table") ||
  context.shell.sql_statements.containsAny(["drop table", "drop schema", "drop database"])
};`,
  },
  {
    ruleId: 'read_only_forbid_write',
    tier: 'hard',
    severity: 'high',
    category: 'read_only',
    summary:
      'This task may change nothing: no file, no push. Commands must be readable as they stand; report findings as text instead.',
    source: 'built-in hard policies',
    line: 70,
    actions: ['invoke_tool', 'write_file', 'execute_bash'],
    reads: ['path?', 'read_only', 'shell.git_push.present', 'shell.parsed', 'shell.writes', 'shell?', 'tool_name'],
    text: `@rule_id("read_only_forbid_write")
@tier("hard")
@severity("high")
@category("read_only")
@summary("This task may change nothing: no file, no push. Commands must be readable as they stand; report findings as text instead.")
forbid (principal, action, resource)
when { context.read_only || principal == Agent::TaskAgent::"pr_review" }
when {
  (context has shell &&
   (!context.shell.parsed ||
    context.shell.writes ||
    context.shell.git_push.present)) ||
  (context has path && !["Edit", "MultiEdit", "NotebookEdit"].contains(context.tool_name)) ||
  context.tool_name == "Write" ||
  context.tool_name like "mcp__*__*write*" ||
  context.tool_name like "mcp__*__*edit*" ||
  context.tool_name like "mcp__*__*create*" ||
  context.tool_name like "mcp__*__*update*" ||
  context.tool_name like "mcp__*__*delete*" ||
  context.tool_name like "mcp__*__*remove*" ||
  context.tool_name like "mcp__*__*move*" ||
  context.tool_name like "mcp__*__*push*" ||
  context.tool_name like "mcp__*__*merge*"
};`,
  },
  {
    ruleId: 'read_only_forbid_edit',
    tier: 'hard',
    severity: 'high',
    category: 'read_only',
    summary: 'This task may edit no file; report findings as text instead.',
    source: 'built-in hard policies',
    line: 95,
    actions: ['invoke_tool', 'write_file', 'execute_bash'],
    reads: ['read_only', 'tool_name'],
    text: `@rule_id("read_only_forbid_edit")
@tier("hard")
@severity("high")
@category("read_only")
@summary("This task may edit no file; report findings as text instead.")
forbid (principal, action, resource)
when { context.read_only || principal == Agent::TaskAgent::"pr_review" }
when { ["Edit", "MultiEdit", "NotebookEdit"].contains(context.tool_name) };`,
  },
  {
    ruleId: 'force_push_any',
    tier: 'soft',
    severity: 'medium',
    approvalTimeoutS: 300,
    category: 'history',
    summary:
      'A push that overwrites or deletes branches of the remote needs approval; push new commits instead, or use --force-with-lease on your own branch.',
    source: 'built-in soft policies',
    line: 3,
    actions: ['execute_bash'],
    reads: ['shell.git_push.deletes', 'shell.git_push.force', 'shell.git_push.mirror'],
    text: `@rule_id("force_push_any")
@tier("soft")
@approval_timeout_s("300")
@severity("medium")
@category("history")
@summary("A push that overwrites or deletes branches of the remote needs approval; push new commits instead, or use --force-with-lease on your own branch.")
forbid (principal, action == Agent::Action::"execute_bash", resource)
when {
  context.shell.git_push.force ||
  context.shell.git_push.deletes ||
  context.shell.git_push.mirror
};`,
  },
  {
    ruleId: 'force_push_main',
    tier: 'soft',
    severity: 'high',
    approvalTimeoutS: 600,
    category: 'history',
    summary: 'Overwriting or deleting a protected branch of the remote needs approval; open a pull request instead.',
    source: 'built-in soft policies',
    line: 16,
    actions: ['execute_bash'],
    reads: [
      'protected_branches',
      'shell.git_push.deletes',
      'shell.git_push.force',
      'shell.git_push.force_with_lease',
      'shell.git_push.mirror',
      'shell.git_push.refs',
    ],
    text: `@rule_id("force_push_main")
@tier("soft")
@approval_timeout_s("600")
@severity("high")
@category("history")
@summary("Overwriting or deleting a protected branch of the remote needs approval; open a pull request instead.")
forbid (principal, action == Agent::Action::"execute_bash", resource)
when {
  context.shell.git_push.force ||
  context.shell.git_push.force_with_lease ||
  context.shell.git_push.deletes ||
  context.shell.git_push.mirror
}
when {
  context.shell.git_push.refs.containsAny(["main", "master", "*"]) ||
  context.shell.git_push.refs.containsAny(context.protected_branches)
};`,
  },
  {
    ruleId: 'push_to_protected_branch',
    tier: 'soft',
    severity: 'medium',
    approvalTimeoutS: 300,
    category: 'history',
    summary:
      'A push to a protected branch needs approval, and so does one that does not say where to; name your own branch, as in git push origin my-branch.',
    source: 'built-in soft policies',
    line: 34,
    actions: ['execute_bash'],
    reads: ['protected_branches', 'shell.git_push.refs'],
    text: `@rule_id("push_to_protected_branch")
@tier("soft")
@approval_timeout_s("300")
@severity("medium")
@category("history")
@summary("A push to a protected branch needs approval, and so does one that does not say where to; name your own branch, as in git push origin my-branch.")
forbid (principal, action == Agent::Action::"execute_bash", resource)
when {
  context.shell.git_push.refs.containsAny(["main", "master", "HEAD", "*"]) ||
  context.shell.git_push.refs.containsAny(context.protected_branches)
};`,
  },
  {
    ruleId: 'write_env_files',
    tier: 'soft',
    severity: 'high',
    approvalTimeoutS: 600,
    category: 'secrets',
    summary:
      'Writing an environment file needs approval; change .env.example instead, and say which values are needed.',
    source: 'built-in soft policies',
    line: 46,
    actions: ['write_file'],
    reads: ['path.kinds'],
    text: `@rule_id("write_env_files")
@tier("soft")
@approval_timeout_s("600")
@severity("high")
@category("secrets")
@summary("Writing an environment file needs approval; change .env.example instead, and say which values are needed.")
forbid (principal, action == Agent::Action::"write_file", resource)
when { context.path.kinds.contains("env_file") };`,
  },
  {
    ruleId: 'write_credentials',
    tier: 'soft',
    severity: 'high',
    approvalTimeoutS: 300,
    category: 'secrets',
    summary: 'Writing a file of keys or credentials needs approval; keep secrets out of the checkout and of HOME.',
    source: 'built-in soft policies',
    line: 55,
    actions: ['write_file'],
    reads: ['path.kinds'],
    text: `@rule_id("write_credentials")
@tier("soft")
@approval_timeout_s("300")
@severity("high")
@category("secrets")
@summary("Writing a file of keys or credentials needs approval; keep secrets out of the checkout and of HOME.")
forbid (principal, action == Agent::Action::"write_file", resource)
when { context.path.kinds.contains("credentials") };`,
  },
  {
    ruleId: 'unresolved_command',
    tier: 'soft',
    severity: 'medium',
    approvalTimeoutS: 300,
    category: 'unresolved',
    summary:
      'A command that cannot be read as it stands needs approval; write it with literal words, and run code from files in the checkout.',
    source: 'built-in soft policies',
    line: 64,
    actions: ['execute_bash'],
    reads: ['shell.parsed'],
    text: `@rule_id("unresolved_command")
@tier("soft")
@approval_timeout_s("300")
@severity("medium")
@category("unresolved")
@summary("A command that cannot be read as it stands needs approval; write it with literal words, and run code from files in the checkout.")
forbid (principal, action == Agent::Action::"execute_bash", resource)
when { !context.shell.parsed };`,
  },
];
