/** The ways in which a state changes: to another phase, by a line of its story, and to its end. */
import type { Access, ElevateInput, Entry, Outcome, Person, State } from '../contract.ts';

/** What stays the same for the whole life of an execution. `run` is its first run id. */
export interface Life {
  input: ElevateInput;
  run: string;
}

/** A state with what happened on the way to it. */
export interface Step {
  state: State;
  entries: Entry[];
}

type Standing = State extends infer S
  ? S extends State
    ? Omit<S, 'version' | 'votes' | 'access' | 'seen'>
    : never
  : never;
type Told = Entry extends infer E ? (E extends Entry ? Omit<E, 'seq' | 'at'> : never) : never;

/** Into another phase. Says nothing of it. */
export function moveTo({ state, entries }: Step, standing: Standing): Step {
  const { version, votes, access, seen } = state;
  return { state: { version, votes, access, seen, ...standing }, entries };
}

/** One line more, which makes it the next version. */
export function note({ state, entries }: Step, at: number, told: Told): Step {
  const seq = state.version + 1;
  return { state: { ...state, version: seq }, entries: [...entries, { seq, at, ...told }] };
}

/** Nothing that happens from here on changes the outcome. */
export function isOver(state: State): boolean {
  return state.phase === 'closed';
}

/** Ends at once where nothing is held, else by taking the access back first. */
export function end(step: Step, at: number, outcome: Outcome, why?: string): Step {
  if (step.state.phase === 'ending') return step;
  return step.state.access.every(isSettled) ? close(step, at, outcome, why) : ending(step, at, outcome, why);
}

/** Overrides an ending under way: force has the last word. */
export function terminated(step: Step, at: number, by: Person): Step {
  if (isOver(step.state)) return step;
  const finish = step.state.access.every(isSettled) ? close : ending;
  return finish(step, at, 'terminated', `by ${by.id}`);
}

/** What is held is taken back first; `outcome` is what it will be then. */
export function ending(step: Step, at: number, outcome: Outcome, why?: string): Step {
  const because = why === undefined ? {} : { why };
  return note(moveTo(step, { phase: 'ending', outcome, ...because }), at, { kind: 'ending', outcome, ...because });
}

/** For good. */
export function close(step: Step, at: number, outcome: Outcome, why?: string): Step {
  const because = why === undefined ? {} : { why };
  const closed = moveTo(step, { phase: 'closed', outcome, closedAt: at, ...because });
  return note(closed, at, { kind: 'closed', outcome, ...because });
}

/** Nothing of it is held, or on its way. */
export function isSettled(access: Access): boolean {
  return ['none', 'kept', 'revoked', 'refused'].includes(access.state);
}
