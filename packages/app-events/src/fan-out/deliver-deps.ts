import { AbcaError, ChannelPauses, tokens, type Channel, type DeliverDueDeps, type Notifier } from '@abca/core';
import type { Container } from 'inversify';

/**
 * What deliveries are made with, as the modules of a container bound it. One per process: it knows which channels do not answer.
 *
 * @param random gives a number from 0 to 1, another one each time
 * @throws AbcaError CONFIG_INVALID when two notifiers are bound for one channel: each would tell everything
 */
export function resolveDeliverDeps(container: Container, random: () => number = Math.random): DeliverDueDeps {
  const bound = container.isBound(tokens.notifier) ? container.getAll<Notifier>(tokens.notifier) : [];
  return {
    outbox: container.get(tokens.outbox),
    notifiers: byChannel(bound),
    tasks: container.get(tokens.taskRepository),
    approvals: container.get(tokens.approvalRepository),
    repos: container.get(tokens.repoConfigRepository),
    settings: container.get(tokens.notificationSettings),
    events: container.get(tokens.eventLog),
    clock: container.get(tokens.clock),
    logger: container.get(tokens.logger),
    random,
    pauses: new ChannelPauses(),
  };
}

function byChannel(notifiers: readonly Notifier[]): ReadonlyMap<Channel, Notifier> {
  const byName = new Map(notifiers.map((notifier) => [notifier.channel, notifier]));
  if (byName.size === notifiers.length) return byName;
  const names = notifiers.map(({ channel }) => channel).join(', ');
  throw new AbcaError('CONFIG_INVALID', `two notifiers are bound for one channel: ${names}; bind one of each`);
}
