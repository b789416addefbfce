// Made from policies/ by: npm run generate -w packages/adapter-cedar

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
  };

  type GitPush = {
    present: Bool,
    force: Bool,
    force_with_lease: Bool,
    // Branches by their name on the remote; "*" for all of them.
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
    },
  };
}
`;

/** The built-in hard rules. From policies/hard.cedar. */
export const hardRulesText = `// Built-in hard rules: what no approval allows. They judge facts, never the raw text of a command.

@rule_id("base_permit")
permit (principal, action, resource);

@rule_id("rm_slash")
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
};

@rule_id("write_git_internals")
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
};

@rule_id("write_git_internals_nested")
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
};

@rule_id("drop_table")
@tier("hard")
@severity("high")
@category("destructive")
@summary("Dropping a table, schema or database is forbidden; write a migration for a person to run instead.")
forbid (principal, action == Agent::Action::"execute_bash", resource)
when {
  context.shell.suspicions.contains("drop_table") ||
  context.shell.sql_statements.containsAny(["drop table", "drop schema", "drop database"])
};

@rule_id("read_only_forbid_write")
@tier("hard")
@severity("high")
@category("read_only")
@summary("This task may change nothing: no file, no push. Commands must be readable as they stand; report findings as text instead.")
forbid (principal, action, resource)
when { context.read_only || principal == Agent::TaskAgent::"pr_review" }
when {
  (context has shell &&
   (!context.shell.parsed ||
    !context.shell.writes_files.isEmpty() ||
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
};

@rule_id("read_only_forbid_edit")
@tier("hard")
@severity("high")
@category("read_only")
@summary("This task may edit no file; report findings as text instead.")
forbid (principal, action, resource)
when { context.read_only || principal == Agent::TaskAgent::"pr_review" }
when { ["Edit", "MultiEdit", "NotebookEdit"].contains(context.tool_name) };
`;
