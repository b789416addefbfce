/** What the tiny agent does. Without any of it: one turn that writes `done.txt`, and the end. */
export interface TinyPlan {
  /** Turns that write nothing, before the one that does. Each makes several events. */
  readonly turns?: number;
  /** After its work the agent waits for this file, a path in the test's folder. `{task}` stands for the task's id. */
  readonly waitFor?: string;
  /** After its work the agent writes `late.txt`, which no turn's end saves, and waits to be told to end. */
  readonly hang?: boolean;
  /** After its work the program ends with this exit code, and reports nothing. */
  readonly exit?: number;
  /** A turn after the work writes until the disk is full. */
  readonly fill?: boolean;
  /** Before its work the agent writes the prompt that it was given to `prompt.txt`. */
  readonly notePrompt?: boolean;
  /** The agent writes no file, and says that it is done. */
  readonly idle?: boolean;
  /** The session says that it pushed and opened a pull request, and did neither. */
  readonly lie?: boolean;
  /** The session saves no work either. */
  readonly unsaved?: boolean;
}
