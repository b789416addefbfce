import type { Json } from './slack-workspace.ts';

/** @see https://docs.slack.dev/reference/block-kit/blocks */
const most = {
  blocks: { message: 50, modal: 100 },
  headerChars: 150,
  sectionChars: 3_000,
  fieldChars: 2_000,
  fields: 10,
  contextElements: 10,
  actionsElements: 25,
  idChars: 255,
  buttonTextChars: 75,
  buttonValueChars: 2_000,
  options: 100,
  optionTextChars: 75,
  optionValueChars: 150,
  placeholderChars: 150,
  confirmTitleChars: 100,
  confirmTextChars: 300,
  confirmButtonChars: 30,
  labelChars: 2_000,
  inputChars: 3_000,
  titleChars: 24,
  privateMetadataChars: 3_000,
} as const;

/**
 * Not documented: all texts of a message's blocks together. Near 13,000 Slack answers `msg_blocks_too_long`.
 * @see https://github.com/slackapi/bolt-js/issues/2509
 */
export const messageChars = 13_000;

/** What is wrong with the blocks of a message or a modal, one line each; none when they are fine. */
export function blockProblems(blocks: unknown, surface: 'message' | 'modal' = 'message'): readonly string[] {
  if (!Array.isArray(blocks)) return ['blocks must be a list'];
  const count = most.blocks[surface];
  return [
    ...(blocks.length > count ? [`more than ${String(count)} blocks`] : []),
    ...blocks.flatMap((block: Json, index) => oneBlock(block).map((problem) => `blocks[${String(index)}]: ${problem}`)),
    ...repeated(blocks.map((block: Json) => block['block_id'])).map((id) => `block_id ${id} is there twice`),
    ...blocks.flatMap((block: Json) =>
      repeated(elementsOf(block).map((element) => element['action_id'])).map((id) => `action_id ${id} is there twice`),
    ),
  ];
}

/** What is wrong with a modal. */
export function modalProblems(view: Json): readonly string[] {
  const blocks = view['blocks'];
  const hasInput = Array.isArray(blocks) && blocks.some((block: Json) => block['type'] === 'input');
  return [
    ...(view['type'] === 'modal' ? [] : ['type must be modal']),
    ...textProblems(view['title'], { what: 'title', chars: most.titleChars, type: 'plain_text' }),
    ...(hasInput && view['submit'] === undefined ? ['submit must be there when there is an input'] : []),
    ...optionalText(view['submit'], { what: 'submit', chars: most.titleChars, type: 'plain_text' }),
    ...optionalText(view['close'], { what: 'close', chars: most.titleChars, type: 'plain_text' }),
    ...tooLong(view['private_metadata'] ?? '', { what: 'private_metadata', chars: most.privateMetadataChars, min: 0 }),
    ...blockProblems(blocks, 'modal'),
  ];
}

/** How many characters the texts of `blocks` have. */
export function blockChars(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + blockChars(each), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [name, each]) => sum + (name === 'text' && typeof each === 'string' ? each.length : blockChars(each)),
    0,
  );
}

function oneBlock(block: Json): readonly string[] {
  return [...idProblems(block['block_id'], 'block_id'), ...contentProblems(block)];
}

function contentProblems(block: Json): readonly string[] {
  switch (block['type']) {
    case 'header':
      return textProblems(block['text'], { what: 'text', chars: most.headerChars, type: 'plain_text' });
    case 'section':
      return sectionProblems(block);
    case 'context':
      return listProblems(block['elements'], most.contextElements, (element) =>
        textProblems(element, { what: 'element', chars: most.sectionChars }),
      );
    case 'actions':
      return listProblems(block['elements'], most.actionsElements, elementProblems);
    case 'input':
      return [
        ...textProblems(block['label'], { what: 'label', chars: most.labelChars, type: 'plain_text' }),
        ...elementProblems(block['element'] as Json),
      ];
    case 'divider':
      return [];
    default:
      return [`unsupported type ${String(block['type'])}`];
  }
}

function sectionProblems(block: Json): readonly string[] {
  if (block['text'] === undefined && block['fields'] === undefined) return ['a section needs text or fields'];
  return [
    ...optionalText(block['text'], { what: 'text', chars: most.sectionChars }),
    ...(block['fields'] === undefined
      ? []
      : listProblems(block['fields'], most.fields, (field) =>
          textProblems(field, { what: 'field', chars: most.fieldChars }),
        )),
    ...(block['accessory'] === undefined ? [] : elementProblems(block['accessory'] as Json)),
  ];
}

function elementProblems(element: Json | undefined): readonly string[] {
  if (element === undefined) return ['an element is missing'];
  const ids = [...idProblems(element['action_id'], 'action_id'), ...confirmProblems(element['confirm'])];
  switch (element['type']) {
    case 'button':
      return [...ids, ...buttonProblems(element)];
    case 'static_select':
      return [...ids, ...selectProblems(element)];
    case 'plain_text_input':
      return [...ids, ...inputProblems(element)];
    default:
      return [`unsupported element ${String(element['type'])}`];
  }
}

function buttonProblems(element: Json): readonly string[] {
  const { style } = element as { readonly style?: unknown };
  return [
    ...textProblems(element['text'], { what: 'button', chars: most.buttonTextChars, type: 'plain_text' }),
    ...tooLong(element['value'] ?? '', { what: 'value', chars: most.buttonValueChars, min: 0 }),
    ...(style === undefined || style === 'primary' || style === 'danger' ? [] : [`unknown style ${String(style)}`]),
  ];
}

function selectProblems(element: Json): readonly string[] {
  return [
    ...optionalText(element['placeholder'], {
      what: 'placeholder',
      chars: most.placeholderChars,
      type: 'plain_text',
    }),
    ...listProblems(element['options'], most.options, (option) => [
      ...textProblems(option['text'], { what: 'option', chars: most.optionTextChars, type: 'plain_text' }),
      ...tooLong(option['value'], { what: 'value of an option', chars: most.optionValueChars }),
    ]),
  ];
}

function inputProblems(element: Json): readonly string[] {
  const longest = element['max_length'];
  return longest === undefined || (typeof longest === 'number' && longest >= 1 && longest <= most.inputChars)
    ? []
    : [`max_length must be 1 to ${String(most.inputChars)}`];
}

function confirmProblems(confirm: unknown): readonly string[] {
  if (confirm === undefined) return [];
  const { title, text, confirm: yes, deny } = confirm as Json;
  return [
    ...textProblems(title, { what: 'confirm.title', chars: most.confirmTitleChars, type: 'plain_text' }),
    ...textProblems(text, { what: 'confirm.text', chars: most.confirmTextChars }),
    ...textProblems(yes, { what: 'confirm.confirm', chars: most.confirmButtonChars, type: 'plain_text' }),
    ...textProblems(deny, { what: 'confirm.deny', chars: most.confirmButtonChars, type: 'plain_text' }),
  ];
}

function listProblems(list: unknown, count: number, each: (item: Json) => readonly string[]): readonly string[] {
  if (!Array.isArray(list) || list.length === 0) return ['a list is empty or missing'];
  return [...(list.length > count ? [`more than ${String(count)} in a list`] : []), ...list.flatMap(each)];
}

interface TextRule {
  readonly what: string;
  readonly chars: number;
  readonly type?: 'plain_text';
}

function optionalText(text: unknown, rule: TextRule): readonly string[] {
  return text === undefined ? [] : textProblems(text, rule);
}

function textProblems(text: unknown, { what, chars, type }: TextRule): readonly string[] {
  if (typeof text !== 'object' || text === null) return [`${what} must be a text object`];
  const object = text as Json;
  const isType = object['type'] === 'plain_text' || (type === undefined && object['type'] === 'mrkdwn');
  return [
    ...(isType ? [] : [`${what} has the type ${String(object['type'])}`]),
    ...tooLong(object['text'], { what, chars }),
  ];
}

function tooLong(
  text: unknown,
  { what, chars, min = 1 }: { readonly what: string; readonly chars: number; readonly min?: number },
): readonly string[] {
  const isFine = typeof text === 'string' && text.length >= min && text.length <= chars;
  return isFine ? [] : [`${what} must have ${String(min)} to ${String(chars)} characters`];
}

function idProblems(id: unknown, what: string): readonly string[] {
  return id === undefined ? [] : tooLong(id, { what, chars: most.idChars });
}

function elementsOf(block: Json): readonly Json[] {
  const elements = block['type'] === 'actions' ? block['elements'] : [block['accessory'], block['element']];
  return Array.isArray(elements) ? elements.filter((element): element is Json => element !== undefined) : [];
}

function repeated(ids: readonly unknown[]): readonly string[] {
  const texts = ids.filter((id) => id !== undefined).map(String);
  return [...new Set(texts.filter((id, index) => texts.indexOf(id) !== index))];
}
