/**
 * What is shown to people, in no platform's terms. `view.ts` and `commands.ts` make these; each adapter
 * draws them in its platform's own way, with every string as plain text (T28).
 */
import type { Offer, Person } from '../../workflows/contract.ts';

/** A run of text. Times are shown in the viewer's zone with UTC beside it; people as name and e-mail. */
export type Piece = string | { time: number } | { person: Person } | { code: string };
export type Text = readonly Piece[];

export interface Fact {
  label: string;
  value: Text;
}

export type Action =
  | {
      kind: 'offer';
      label: string;
      /** What a screen reader says: the label with what it is about. */
      spoken: string;
      style: 'primary' | 'danger' | 'default';
      offer: Offer;
      /** A reason is asked for before the offer is taken up. */
      asksReason: boolean;
    }
  | { kind: 'command'; label: string; spoken: string; style: 'primary' | 'danger' | 'default'; command: string };

/** A message that shows an execution: a pure function of its state and its viewer. */
export interface Card {
  /** Everything that matters as one plain sentence or two; its first 120 characters serve a lock screen. */
  summary: string;
  title: string;
  /** Where it stands now. */
  status: Text;
  facts: Fact[];
  /** Free text, cleaned, as one labelled paragraph (T28). */
  quote: { label: string; text: string } | undefined;
  /** Context beside the request: why you are asked, risk, earlier refusals, votes. */
  notes: Text[];
  actions: Action[];
}

/** The answer to a command or a click, for that person alone. */
export interface Reply {
  paragraphs: Text[];
  cards: Card[];
}

/** Through whose eyes a card is drawn. */
export type Viewer = { kind: 'approver'; stage: number } | { kind: 'requester' } | { kind: 'observer' };
