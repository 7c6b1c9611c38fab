/** What is measured of a chat: how long it waits for the answer to a command and to a click. */

export interface Load {
  /** So many of each. */
  count: number;
  atOnce: number;
}

/** What each took, in ms. */
export interface Acks {
  command: number[];
  click: number[];
}

/** What Elevate runs on. */
export interface Ground {
  /** Of Temporal. */
  address: string;
  /** For databases. */
  folder: string;
}

export interface Chat {
  /** What answers at once, on the SDK that Elevate uses too. */
  bareName: string;
  bare(load: Load): Promise<Acks>;
  elevate(load: Load, ground: Ground): Promise<Acks>;
}

/** As long as those of ours. */
export const tokenLike = 'x'.repeat(740);
export const silent = { debug() {}, info() {}, warn() {}, error() {} };
