import { formatIso, closingBy, isClosedBy } from '@abca/core';
import type {
  Approval,
  ApprovalDecision,
  ApprovalRepository,
  CallOptions,
  DecideResult,
  ExpireResult,
  NewApproval,
  PendingPage,
  RequestResult,
} from '@abca/core';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { conditionalWrite, returnOld, type Item } from '../dynamo/conditional-write.ts';
import { queryPage } from '../dynamo/query-page.ts';
import { closingUpdate, parseApproval, parsePendingApproval, statusRequest, toKey } from './approval-items.ts';
import type { ApprovalKey } from './approval-items.ts';
import type { ApprovalStores } from './approval-stores.ts';
import { decideApproval } from './decide-approval.ts';
import { findApproval } from './find-approval.ts';
import { requestApproval } from './request-approval.ts';

/**
 * {@link ApprovalRepository} in a table keyed by task and request, in transactions with the task and the events. The status
 * of a request changes once, so every write of it is conditioned on PENDING and needs no version.
 */
export class DynamoApprovalRepository implements ApprovalRepository {
  readonly #stores: ApprovalStores;

  constructor(client: DynamoDBDocumentClient, options: Omit<ApprovalStores, 'client'>) {
    this.#stores = { client, ...options };
  }

  async request(request: NewApproval, options: CallOptions = {}): Promise<RequestResult> {
    return requestApproval(this.#stores, request, options);
  }

  async decide(decision: ApprovalDecision, options: CallOptions = {}): Promise<DecideResult> {
    return decideApproval(this.#stores, decision, options);
  }

  async expire(
    { atMs, ...key }: ApprovalKey & { readonly atMs: number },
    options: CallOptions = {},
  ): Promise<ExpireResult> {
    const closing = closingBy('TIMED_OUT', atMs);
    const update = new UpdateCommand({
      TableName: this.#stores.table,
      Key: toKey(key),
      ...closingUpdate(key.requestId, closing),
      ReturnValues: 'ALL_NEW',
      ...returnOld,
    });
    const what = `expiring approval request ${key.requestId}`;
    const result = await conditionalWrite(what, options, async (http): Promise<Item> => {
      const { Attributes = {} } = await this.#stores.client.send(update, http);
      return Attributes;
    });
    if (result.kind === 'written') return { kind: 'expired', approval: parseApproval(result.value) };
    if (result.item === undefined) return { kind: 'absent' };
    const approval = parseApproval(result.item);
    return { kind: isClosedBy(approval, closing) ? 'expired' : 'lost', approval };
  }

  async find(key: ApprovalKey, options: CallOptions = {}): Promise<Approval | undefined> {
    const { client, table } = this.#stores;
    return findApproval(client, { table, key }, options);
  }

  async listPending(
    { userId, nowMs, limit, nextToken }: Parameters<ApprovalRepository['listPending']>[0],
    options: CallOptions = {},
  ): Promise<PendingPage> {
    const query = {
      what: `listing the open approval requests of ${userId}`,
      table: this.#stores.table,
      index: 'by-user-status',
      partition: { name: 'user_id', value: userId },
      idName: 'task_id',
      rangeName: 'request_id',
      sortName: 'status_request',
      sortPrefix: statusRequest('PENDING', ''),
      descending: false,
      // A request may be open after its time until somebody expires it.
      keep: { name: 'expires_at', above: formatIso(nowMs) },
      limit,
      nextToken,
    };
    const { items, ...next } = await queryPage(this.#stores.client, query, options);
    return { approvals: items.map(parsePendingApproval), ...next };
  }
}
