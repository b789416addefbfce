import { describe, expect, test } from '@jest/globals';
import { findMilestone, milestoneEvent, milestoneRegistry } from './milestones.ts';
import { parseNewEvent } from './task-event.ts';

const fields = { request_id: 'r', age_s: 5, reason: 'the task ended' };

describe('milestoneEvent()', () => {
  test('is an event with the fields and the name, which no field takes away', () => {
    const event = milestoneEvent('approval_stranded', { ...fields, milestone: 'other' } as typeof fields);

    expect(event).toStrictEqual({
      eventType: 'agent_milestone',
      metadata: { ...fields, milestone: 'approval_stranded' },
    });
    expect(parseNewEvent(event.eventType, event.metadata)).toStrictEqual(event);
  });
});

describe('findMilestone()', () => {
  const { metadata } = milestoneEvent('approval_stranded', fields);

  test('gives the fields of the milestone that is asked for', () => {
    expect(findMilestone(metadata as Record<string, unknown>, 'approval_stranded')).toStrictEqual(fields);
  });

  test.each<[string, Record<string, unknown>]>([
    ['of another name', { ...metadata, milestone: 'approval_granted' }],
    ['of no name', fields],
    ['that lacks a field', { ...metadata, reason: undefined }],
    ['with a field of another kind', { ...metadata, age_s: 'old' }],
    ['with a negative count', { ...metadata, age_s: -1 }],
    ['with half a count', { ...metadata, age_s: 0.5 }],
  ])('gives nothing for one %s', (_what, given) => {
    expect(findMilestone(given, 'approval_stranded')).toBeUndefined();
  });
});

describe('milestoneRegistry', () => {
  test('holds these names, by which others know what happened (L7)', () => {
    expect(Object.keys(milestoneRegistry)).toStrictEqual([
      'repo_cloned',
      'agent_started',
      'work_saved',
      'branch_pushed',
      'pr_created',
      'review_left',
      'diff_size',
      'pre_approvals_loaded',
      'nudges_delivered',
      'approval_requested',
      'approval_granted',
      'approval_denied',
      'approval_timed_out',
      'approval_stranded',
      'approval_write_failed',
      'approval_resume_failed',
      'approval_poll_degraded',
      'approval_timeout_capped',
      'approval_ceiling_shrinking',
      'approval_cap_exceeded',
      'approval_rate_limit_exceeded',
      'approval_late_win',
    ]);
  });

  test('time that is left may have run out', () => {
    const told = {
      request_id: 'r',
      max_lifetime_remaining_s: -5,
      cleanup_margin_s: 120,
      task_default_timeout_s: 300,
    };

    const { metadata } = milestoneEvent('approval_ceiling_shrinking', told);

    expect(findMilestone(metadata as Record<string, unknown>, 'approval_ceiling_shrinking')).toStrictEqual(told);
  });
});
