import { Ajv } from 'ajv';
import { badRequest } from './ses-fault.ts';

/** A message as its readers get it. */
export interface SesMail {
  /** Made by the service, which puts its own in the place of any that the sender gave. */
  readonly messageId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  /** Those that the sender added, by the names that they were given. */
  readonly headers: Readonly<Record<string, string>>;
  readonly configurationSet?: string;
}

interface Content {
  readonly Data: string;
  readonly Charset?: string;
}

/** What clients send. Fields that the fake does not act on may be there. */
interface SendEmailRequest {
  readonly FromEmailAddress: string;
  readonly Destination: { readonly ToAddresses: readonly string[] };
  readonly ConfigurationSetName?: string;
  readonly Content: {
    readonly Simple: {
      readonly Subject: Content;
      readonly Body: { readonly Text?: Content; readonly Html?: Content };
      readonly Headers?: readonly { readonly Name: string; readonly Value: string }[];
    };
  };
}

const text = { type: 'string' };
const address = { type: 'string', minLength: 1, maxLength: 320 };
const content = object({ Data: text }, { Charset: text });

/** The same as a schema, with the limits of the reference. */
const requestSchema = object(
  {
    FromEmailAddress: address,
    Destination: {
      ...object({ ToAddresses: { type: 'array', minItems: 1, maxItems: 50, items: address } }),
      additionalProperties: false,
    },
    Content: object({
      Simple: object(
        { Subject: content, Body: { ...object({}, { Text: content, Html: content }), minProperties: 1 } },
        { Headers: { type: 'array', maxItems: 15, items: object({ Name: text, Value: text }) } },
      ),
    }),
  },
  { ConfigurationSetName: text },
);
const ajv = new Ajv();
const isRequest = ajv.compile<SendEmailRequest>(requestSchema);

function object(needed: Readonly<Record<string, unknown>>, others: Readonly<Record<string, unknown>> = {}): object {
  return { type: 'object', required: Object.keys(needed), properties: { ...needed, ...others } };
}

/** Headers that the service writes. A sender who names one is refused. */
const ownHeaders = ['bcc', 'cc', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'];
const printable = /^[\x20-\x7e]*$/;
const headerName = /^[\x21-\x39\x3b-\x7e]{1,126}$/;
// eslint-disable-next-line no-control-regex -- a line break in a header begins another one
const controls = /[\x00-\x1f\x7f]/;

/**
 * The message that a request asks for.
 *
 * @throws SesFault BadRequestException
 */
export function readMail(body: string, messageId: string): SesMail {
  const request = parseJson(body);
  if (!isRequest(request)) throw badRequest(ajv.errorsText(isRequest.errors));
  const { FromEmailAddress: from, Destination, Content, ConfigurationSetName: configurationSet } = request;
  const { Subject, Body, Headers = [] } = Content.Simple;
  for (const { Name, Value } of Headers) checkHeader(Name, Value);
  for (const line of [from, ...Destination.ToAddresses, Subject.Data]) checkLine(line);
  return {
    messageId,
    from,
    to: Destination.ToAddresses,
    subject: decoded(Subject),
    ...(Body.Text !== undefined && { text: decoded(Body.Text) }),
    ...(Body.Html !== undefined && { html: decoded(Body.Html) }),
    headers: Object.fromEntries(Headers.map(({ Name, Value }) => [Name, Value])),
    ...(configurationSet !== undefined && { configurationSet }),
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest('the body is not JSON');
  }
}

/** A text without a character set is taken for 7-bit ASCII: others arrive as question marks. */
function decoded({ Data, Charset }: Content): string {
  // eslint-disable-next-line no-control-regex -- all of ASCII
  return Charset?.toUpperCase() === 'UTF-8' ? Data : Data.replaceAll(/[^\x00-\x7f]/g, '?');
}

function checkHeader(name: string, value: string): void {
  if (!headerName.test(name) || !printable.test(value) || name.length + value.length > 996) {
    throw badRequest(`Header ${JSON.stringify(name)} is not valid`);
  }
  if (ownHeaders.includes(name.toLowerCase())) throw badRequest(`Header ${name} is not allowed`);
}

function checkLine(line: string): void {
  if (controls.test(line)) throw badRequest('Header fields hold no control characters');
}
