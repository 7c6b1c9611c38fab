/** What the story needs of a chat: people who ask, click, and see what is there. */
import type { Character } from '../people.ts';

/** A message, as it is read. */
export interface Shown {
  id: string;
  text: string;
  buttons: string[];
}

export interface StoryChat {
  name: string;
  /** Types `/elevate text`, and gives the answer for that person alone. @param says how it is known in a chat where other messages come too */
  ask(who: Character, text: string, says: RegExp): Promise<string>;
  /** Clicks a button in the channel or in their chat with Elevate, and gives what they are told. */
  click(who: Character, label: string, where: 'channel' | 'own'): Promise<string>;
  /** The approvers' channel. */
  inChannel(): Shown[];
  /** Somebody's chat with Elevate. */
  ofPerson(who: Character): Shown[];
  /** Looks until there is something. Rejects after `withinMs`. */
  until<T>(look: () => T | undefined | false, what: string, withinMs: number): Promise<T>;
}

/** The same without what is there already, of an earlier story. */
export function fromHereOn(chat: StoryChat, people: readonly Character[]): StoryChat {
  const there = new Set([chat.inChannel(), ...people.map(chat.ofPerson)].flat().map(({ id }) => id));
  const isNew = ({ id }: Shown) => !there.has(id);
  return {
    ...chat,
    inChannel: () => chat.inChannel().filter(isNew),
    ofPerson: (who) => chat.ofPerson(who).filter(isNew),
  };
}
