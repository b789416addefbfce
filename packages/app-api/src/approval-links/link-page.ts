import { createHash } from 'node:crypto';
import { limits, redactOrHide, shortTaskId, visibleText, type Approval, type ApprovalStatus } from '@abca/core';
import { html, raw } from 'hono/html';

/** A page, or a part of one, with everything escaped that was put into it. */
export type Markup = ReturnType<typeof html>;

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.4rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{color:#59636e}dd{margin:0;overflow-wrap:anywhere}
pre{background:#f2f4f7;padding:1rem;white-space:pre-wrap;overflow-wrap:anywhere;border-radius:.4rem}
textarea{width:100%;box-sizing:border-box;font:inherit}button{font:inherit;padding:.5rem 1.2rem;margin:.75rem .75rem 0 0}`;

/**
 * What a page may do: show itself, in its own style, and post its form to where it came from. No script runs, nothing is
 * fetched, no site frames it.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** In one piece: a space more, and it would not be the style that the policy lets in. */
const styleElement = raw(`<style>${style}</style>`);

function page(title: string, body: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <title>${title}</title>
        ${styleElement}
      </head>
      <body>
        <h1>${title}</h1>
        ${body}
      </body>
    </html>`;
}

/** A page that says one thing. */
export function notePage(title: string, text: string): Markup {
  return page(title, html`<p>${text}</p>`);
}

/** An open request. Only those that are not grave get a form: what is grave is decided where one has signed in. */
export function pendingPage(approval: Approval): Markup {
  const { severity, repo } = approval;
  const how = severity === 'high' ? commands(approval) : form();
  return page(`${repo} asks for your approval`, html`${card(approval)}${how}`);
}

const ends: Readonly<Record<ApprovalStatus, string>> = {
  PENDING: 'open',
  APPROVED: 'approved',
  DENIED: 'denied',
  TIMED_OUT: 'over: its time ran out',
  STRANDED: 'over: its task has ended',
};

/** A request that is decided or over. */
export function closedPage(approval: Approval): Markup {
  const { status, decidedAt } = approval;
  const when = decidedAt === undefined ? '' : ` (${decidedAt})`;
  return page(
    `This request is ${ends[status]}`,
    html`<p>It cannot be decided any more${when}.</p>
      ${card(approval)}`,
  );
}

/** What was decided just now. */
export function decidedPage(approval: Approval): Markup {
  const title = approval.status === 'APPROVED' ? 'Approved' : 'Denied';
  const text = approval.status === 'APPROVED' ? 'This one call may run.' : 'The call does not run; the agent is told.';
  return page(
    title,
    html`<p>${text} You can close this page.</p>
      ${card(approval)}`,
  );
}

function card({ taskId, toolName, input, reason, severity, matchingRuleIds, expiresAt, repo }: Approval): Markup {
  return html`<dl>
      <dt>Repository</dt>
      <dd>${shown(repo)}</dd>
      <dt>Task</dt>
      <dd>${shortTaskId(taskId)}</dd>
      <dt>Tool</dt>
      <dd>${shown(toolName)}</dd>
      <dt>Severity</dt>
      <dd>${severity}</dd>
      <dt>Why</dt>
      <dd>${shown(reason)}</dd>
      <dt>Rules</dt>
      <dd>${shown(matchingRuleIds.join(', '))}</dd>
      <dt>Open until</dt>
      <dd>${expiresAt}</dd>
    </dl>
    <pre>${shown(input)}</pre>`;
}

/** Where it posts to is left out: it is the page itself. */
function form(): Markup {
  return html`<form method="post" enctype="application/x-www-form-urlencoded" autocomplete="off">
    <label>
      For the agent, if you deny
      <textarea name="reason" rows="3" maxlength="${limits.denyReasonChars.stored}"></textarea>
    </label>
    <button name="decision" value="approve">Approve this call</button>
    <button name="decision" value="deny">Deny</button>
  </form>`;
}

function commands({ taskId, requestId }: Approval): Markup {
  return html`<p>A request of this severity is not decided by a link. Decide it on your terminal:</p>
    <pre>
bgagent approve ${taskId} ${requestId}
bgagent deny ${taskId} ${requestId} --reason "…"</pre>`;
}

/** Scanned again, whatever wrote the row; and with all that would not be seen. */
function shown(text: string): string {
  return visibleText(redactOrHide(text));
}
