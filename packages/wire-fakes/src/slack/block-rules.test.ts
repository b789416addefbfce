import { describe, expect, test } from '@jest/globals';
import { blockProblems, modalProblems } from './block-rules.ts';

const text = (length: number, type = 'mrkdwn') => ({ type, text: 'x'.repeat(length) });
const plain = (length: number) => text(length, 'plain_text');
const actions = (...elements: readonly object[]) => ({ type: 'actions', elements });
const button = (fields: object = {}) => ({ type: 'button', text: plain(3), ...fields });
const select = (fields: object = {}) => ({ type: 'static_select', options: [option()], ...fields });
const option = (fields: object = {}) => ({ text: plain(3), value: 'v', ...fields });
const input = (fields: object = {}) => ({
  type: 'input',
  label: plain(3),
  element: { type: 'plain_text_input', ...fields },
});
const confirm = (fields: object = {}) => ({
  title: plain(3),
  text: text(3),
  confirm: plain(3),
  deny: plain(3),
  ...fields,
});

describe('blockProblems()', () => {
  test.each<[string, object]>([
    ['a header', { type: 'header', text: plain(150) }],
    ['a section', { type: 'section', text: text(3_000) }],
    ['fields', { type: 'section', fields: Array.from({ length: 10 }, () => text(2_000)) }],
    ['a section with a button', { type: 'section', text: text(1), accessory: button() }],
    ['a context', { type: 'context', elements: Array.from({ length: 10 }, () => text(3_000)) }],
    ['buttons', actions(...Array.from({ length: 25 }, () => button({ text: plain(75), value: 'x'.repeat(2_000) })))],
    ['styles', actions(button({ style: 'primary' }), button({ style: 'danger', confirm: confirm() }))],
    ['a select', actions(select({ placeholder: plain(150), options: Array.from({ length: 100 }, () => option()) }))],
    ['an option at its limits', actions(select({ options: [{ text: plain(75), value: 'x'.repeat(150) }] }))],
    ['an input', input({ max_length: 3_000 })],
    ['a divider', { type: 'divider', block_id: 'x'.repeat(255) }],
  ])('takes %s', (_what, block) => {
    expect(blockProblems([block], 'modal')).toStrictEqual([]);
  });

  test.each<[string, object]>([
    ['a header too long', { type: 'header', text: plain(151) }],
    ['a header in markup', { type: 'header', text: text(3) }],
    ['a section too long', { type: 'section', text: text(3_001) }],
    ['an empty text', { type: 'section', text: text(0) }],
    ['a section of nothing', { type: 'section' }],
    ['too many fields', { type: 'section', fields: Array.from({ length: 11 }, () => text(1)) }],
    ['a field too long', { type: 'section', fields: [text(2_001)] }],
    ['too much context', { type: 'context', elements: Array.from({ length: 11 }, () => text(1)) }],
    ['no actions', actions()],
    ['too many actions', actions(...Array.from({ length: 26 }, () => button()))],
    ['a button too long', actions(button({ text: plain(76) }))],
    ['a button in markup', actions(button({ text: text(3) }))],
    ['a value too long', actions(button({ value: 'x'.repeat(2_001) }))],
    ['an unknown style', actions(button({ style: 'green' }))],
    ['an id too long', actions(button({ action_id: 'x'.repeat(256) }))],
    ['an id twice', actions(button({ action_id: 'a' }), button({ action_id: 'a' }))],
    ['no options', actions(select({ options: [] }))],
    ['too many options', actions(select({ options: Array.from({ length: 101 }, () => option()) }))],
    ['an option too long', actions(select({ options: [option({ text: plain(76) })] }))],
    ['the value of an option too long', actions(select({ options: [option({ value: 'x'.repeat(151) })] }))],
    ['a confirmation too long', actions(button({ confirm: confirm({ confirm: plain(31) }) }))],
    ['an input without a label', { ...input(), label: undefined }],
    ['an input of more than it takes', input({ max_length: 3_001 })],
    ['an input of nothing', { ...input(), element: undefined }],
    ['an unknown element', actions({ type: 'slider' })],
    ['an unknown block', { type: 'carousel' }],
  ])('refuses %s', (_what, block) => {
    expect(blockProblems([block], 'modal')).toHaveLength(1);
  });

  test('counts blocks, by where they are shown', () => {
    const dividers = (length: number) => Array.from({ length }, () => ({ type: 'divider' }));

    expect(blockProblems(dividers(50))).toStrictEqual([]);
    expect(blockProblems(dividers(51))).toStrictEqual(['more than 50 blocks']);
    expect(blockProblems(dividers(100), 'modal')).toStrictEqual([]);
    expect(blockProblems({})).toStrictEqual(['blocks must be a list']);
  });

  test('wants ids of blocks once in a message, and of actions once in a block', () => {
    const same = { ...actions(button({ action_id: 'a' })), block_id: 'b' };

    expect(blockProblems([same, same])).toStrictEqual(['block_id b is there twice']);
  });
});

describe('modalProblems()', () => {
  const modal = { type: 'modal', title: plain(24), submit: plain(24), blocks: [input()] };

  test.each<[string, object]>([
    ['a title too long', { ...modal, title: plain(25) }],
    ['an input without a way to send it', { ...modal, submit: undefined }],
    ['more than it keeps', { ...modal, private_metadata: 'x'.repeat(3_001) }],
    ['another type', { ...modal, type: 'home' }],
  ])('refuses %s', (_what, view) => {
    expect(modalProblems(view as never)).toHaveLength(1);
  });

  test('takes one that is right', () => {
    expect(modalProblems(modal)).toStrictEqual([]);
  });
});
