/** A message as it is sent to Teams: one Adaptive Card, which shows text without reading it as Markdown (T28). */

/** Plain JSON, version 1.5 of the schema. */
export interface AdaptiveCard {
  type: 'AdaptiveCard';
  version: '1.5';
  body: object[];
  [property: string]: unknown;
}

export interface TeamsMessage {
  /** For notifications, lock screens and screen readers; plain text. */
  summary: string;
  card: AdaptiveCard;
}

/**
 * The kinds of buttons, as the `verb` of an action. `offer` carries `{ token }` in its data and may come with the input
 * `reason`; `command` carries `{ command }`, the words after `/elevate`. A client that sends `Action.Submit` instead
 * says the verb in its data.
 */
export type Verb = 'offer' | 'command';
