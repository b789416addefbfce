const text =
  'add am annotate apply archive backfill bisect blame branch bugreport bundle cat-file check-attr check-ignore ' +
  'check-mailmap check-ref-format checkout checkout-index cherry cherry-pick clean clone column commit commit-graph ' +
  'commit-tree config count-objects credential credential-cache credential-store describe diagnose diff diff-files ' +
  'diff-index diff-tree difftool fast-export fast-import fetch fetch-pack filter-branch filter-repo fmt-merge-msg ' +
  'for-each-ref for-each-repo format-patch fsck gc get-tar-commit-id grep gui hash-object help hook index-pack init ' +
  'instaweb interpret-trailers lfs log ls-files ls-remote ls-tree mailinfo mailsplit maintenance merge merge-base ' +
  'merge-file merge-index merge-tree mergetool mktag mktree multi-pack-index mv name-rev notes pack-objects pack-refs ' +
  'patch-id prune prune-packed pull push range-diff read-tree rebase reflog refs remote repack replace replay ' +
  'request-pull rerere reset restore rev-list rev-parse revert rm send-email send-pack shortlog show show-branch ' +
  'show-index show-ref sparse-checkout stage stash status stripspace submodule subtree svn switch symbolic-ref tag ' +
  'unpack-file unpack-objects update-index update-ref update-server-info var verify-commit verify-pack verify-tag ' +
  'version whatchanged worktree write-tree --version --help --exec-path --html-path --man-path --info-path';

/** Subcommands that git and its common companions have. Any other may be an alias, and an alias may be anything. */
export const gitSubcommands: ReadonlySet<string> = new Set(text.split(' '));
