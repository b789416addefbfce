import type { TaskId, UserId } from '../ids/ids.ts';
import type { SlotLedger } from '../slots/slot-ledger.ts';
import { isTerminal } from '../task/task-status.ts';
import type { Task } from '../task/task.ts';
import { releaseSlotOf, type SlotDeps } from './end-task.ts';
import { runPass, type PassBounds, type PassReport, type Tended } from './reconcile-pass.ts';

/** Waiting tasks of one user that one run looks at: each is a read. */
const queueHead = 50;

/** Release the slots and the places in the queue of tasks that have ended, and wake whoever gets them. */
export function reconcileSlots(
  deps: SlotDeps & Parameters<typeof runPass>[0],
  bounds: PassBounds,
): Promise<PassReport<'released'>> {
  return runPass(
    deps,
    {
      name: 'slots',
      lists: [
        async (query) => {
          const { users, ...next } = await deps.slots.listUsers(query);
          return { items: users, ...next };
        },
      ],
      tend: (userId: UserId) => tendSlots(deps, userId),
      idOf: (userId) => ({ userId }),
    },
    bounds,
  );
}

async function tendSlots(deps: SlotDeps, userId: UserId): Promise<Tended<'released'>> {
  const members = membersOf(await deps.slots.inspect(userId));
  const found = await Promise.all(members.map(async (taskId) => ({ taskId, task: await deps.tasks.find(taskId) })));
  const stale = staleMembers(found);
  for (const taskId of stale) await releaseSlotOf(deps, userId, taskId);
  return stale.length === 0 ? { kind: 'left' } : { kind: 'done', did: 'released', count: stale.length };
}

function membersOf({ holders, queue }: SlotLedger): readonly TaskId[] {
  return [...holders, ...queue.slice(0, queueHead).map(({ taskId }) => taskId)];
}

/**
 * Who holds a slot or a place for nothing. A task is stored before it asks for a slot, so one that is not there was forgotten
 * by the store long after its end.
 */
export function staleMembers(
  members: readonly { readonly taskId: TaskId; readonly task: Pick<Task, 'status'> | undefined }[],
): readonly TaskId[] {
  return members.filter(({ task }) => task === undefined || isTerminal(task.status)).map(({ taskId }) => taskId);
}
