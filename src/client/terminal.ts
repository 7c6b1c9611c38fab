/** Where a command writes: the answer to standard output, everything about it to standard error. */
import { styleText } from 'node:util';

export interface Terminal {
  print(line: string): void;
  /** The one JSON document of a command. */
  printJson(json: unknown): void;
  /** A note beside the answer, or why there is none. */
  note(line: string): void;
  /** Makes a text stand out where that is possible. It must mean the same without. */
  strong(text: string): string;
}

/** Styled only on a terminal, and not with `NO_COLOR`, which `styleText` looks for. */
export function createTerminal(out: NodeJS.WriteStream, err: NodeJS.WritableStream): Terminal {
  return {
    print: (line) => void out.write(`${line}\n`),
    printJson: (json) => void out.write(`${jsonText(json)}\n`),
    note: (line) => void err.write(`${line}\n`),
    strong: (text) => (out.isTTY ? styleText('bold', text, { stream: out }) : text),
  };
}

/** What moves the cursor or changes the look of a line unseen. JSON itself escapes only the first 32 of these. */
const unseen = /[\u007f-\u009f\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** The same document, with every such character escaped, so it can be read on a terminal. */
export function jsonText(json: unknown): string {
  return JSON.stringify(json, null, 2).replace(unseen, (character) =>
    Array.from({ length: character.length }, (_, at) => escape(character.charCodeAt(at))).join(''),
  );
}

function escape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
