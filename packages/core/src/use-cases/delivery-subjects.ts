import type { Approval } from '../approval/approval.ts';
import { AbcaError } from '../errors/abca-error.ts';
import type { TaskEvent } from '../events/task-event.ts';
import type { RepoId, RequestId, UserId } from '../ids/ids.ts';
import { channelsOf, type Channel } from '../notify/audience.ts';
import type { NotificationSettings } from '../notify/notification-settings.ts';
import { isSubscribed } from '../notify/subscription.ts';
import type { ApprovalRepository } from '../ports/approval-repository.ts';
import type { ForgeType } from '../ports/forge.ts';
import type { NotificationSettingsRepository } from '../ports/notification-settings-repository.ts';
import type { RepoConfigRepository } from '../ports/repo-config-repository.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import type { Task } from '../task/task.ts';

/** Where what is to be said is read from. */
export interface DeliverySubjectDeps {
  readonly tasks: Pick<TaskRepository, 'find'>;
  readonly approvals: Pick<ApprovalRepository, 'find'>;
  readonly repos: Pick<RepoConfigRepository, 'find'>;
  readonly settings: Pick<NotificationSettingsRepository, 'get'>;
}

/** What a delivery is about. */
export interface DeliverySubject {
  readonly event: TaskEvent;
  readonly task: Task;
  readonly approval: Approval | undefined;
  readonly settings: NotificationSettings;
  readonly forge: ForgeType | undefined;
}

/**
 * Finds what is to be said and to whom. Lives as long as one run: people and repositories are read once in it, and what an event
 * is about once for all of its channels.
 */
export class DeliverySubjects {
  readonly #deps: DeliverySubjectDeps;
  readonly #settings = new Map<UserId, Promise<NotificationSettings>>();
  readonly #forges = new Map<RepoId, Promise<ForgeType | undefined>>();
  readonly #subjects = new Map<string, Promise<DeliverySubject | string>>();

  constructor(deps: DeliverySubjectDeps) {
    this.#deps = deps;
  }

  /**
   * The channels that an event is to be told on. Where the settings of its owner are damaged, all that it could be told on: the
   * outbox then keeps it until they are mended.
   *
   * @throws AbcaError SERVICE_UNAVAILABLE or STORE_ERROR
   */
  async channelsOf(event: TaskEvent): Promise<readonly Channel[]> {
    const audience = channelsOf(event);
    if (audience.length === 0) return audience;
    try {
      const [settings, forge] = await Promise.all([this.#settingsOf(event), this.#forgeOf(event)]);
      return audience.filter((channel) => isSubscribed(channel, settings, forge));
    } catch (error) {
      if (AbcaError.is(error, 'STORE_CORRUPT')) return audience;
      throw error;
    }
  }

  /** What `event` is about, as it is now; a sentence when there is nothing to say any more. */
  subjectOf(event: TaskEvent): Promise<DeliverySubject | string> {
    return once(this.#subjects, `${event.taskId} ${String(event.seq)}`, () => this.#find(event));
  }

  async #find(event: TaskEvent): Promise<DeliverySubject | string> {
    const [task, approval, settings, forge] = await Promise.all([
      this.#deps.tasks.find(event.taskId),
      this.#findApproval(event),
      this.#settingsOf(event),
      this.#forgeOf(event),
    ]);
    return task === undefined ? 'the task is gone' : { event, task, approval, settings, forge };
  }

  async #findApproval({ taskId, eventType, metadata }: TaskEvent): Promise<Approval | undefined> {
    const requestId = eventType === 'agent_milestone' ? metadata['request_id'] : undefined;
    if (typeof requestId !== 'string') return undefined;
    return this.#deps.approvals.find({ taskId, requestId: requestId as RequestId });
  }

  #settingsOf({ userId }: TaskEvent): Promise<NotificationSettings> {
    return once(this.#settings, userId, () => this.#deps.settings.get(userId));
  }

  #forgeOf({ repo }: TaskEvent): Promise<ForgeType | undefined> {
    return once(this.#forges, repo, async () => (await this.#deps.repos.find(repo))?.forge);
  }
}

function once<K, T>(known: Map<K, Promise<T>>, key: K, read: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? read();
  known.set(key, found);
  return found;
}
