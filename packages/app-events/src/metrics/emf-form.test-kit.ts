import { Ajv } from 'ajv';
import { publishedEmfSchema } from './published-emf-schema.test-kit.ts';

const name = { type: 'string', minLength: 1 };
const units = ['Seconds', 'Milliseconds', 'Count'];

/**
 * The form that CloudWatch asks of a document, as far as ours use it: a set of dimensions may be empty, the list of sets may
 * not; all that a directive names is a field of the document.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
const schema = {
  type: 'object',
  required: ['_aws'],
  properties: {
    _aws: {
      type: 'object',
      required: ['Timestamp', 'CloudWatchMetrics'],
      additionalProperties: false,
      properties: {
        Timestamp: { type: 'integer', minimum: 0 },
        CloudWatchMetrics: {
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            required: ['Namespace', 'Dimensions', 'Metrics'],
            additionalProperties: false,
            properties: {
              Namespace: { ...name, maxLength: 255 },
              Dimensions: {
                type: 'array',
                minItems: 1,
                items: { type: 'array', maxItems: 30, uniqueItems: true, items: { ...name, maxLength: 250 } },
              },
              Metrics: {
                type: 'array',
                minItems: 1,
                maxItems: 100,
                items: {
                  type: 'object',
                  required: ['Name'],
                  additionalProperties: false,
                  properties: { Name: { ...name, maxLength: 1024 }, Unit: { enum: units } },
                },
              },
            },
          },
        },
      },
    },
  },
};
/** What AWS publishes, and what its text asks for besides. */
const validate = new Ajv({ allErrors: true }).compile(schema);
const validatePublished = new Ajv({ allErrors: true }).compile(publishedEmfSchema);

interface Document {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [field: string]: unknown;
}

/** Whether a document is one by the schema that AWS publishes. */
export function isPublishedForm(document: unknown): boolean {
  return validatePublished(document);
}

/** What CloudWatch would find wrong with a document; nothing when it takes it. */
export function emfProblems(document: unknown): readonly string[] {
  if (!validate(document))
    return (validate.errors ?? []).map((error) => `${error.instancePath} ${String(error.message)}`);
  const told = document as Document;
  return told._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) => [
    ...Metrics.filter(({ Name }) => typeof told[Name] !== 'number').map(({ Name }) => `${Name} is no number`),
    ...Dimensions.flat()
      .filter((dimension) => typeof told[dimension] !== 'string')
      .map((dimension) => `${dimension} is no text`),
  ]);
}
