/** Makes one document of several files, in which every value still has its place. */
import { type ConfigFile, mistakeIn } from './includes.ts';
import { type Finding, type Mistake, type Path, type Place, printable } from './mistakes.ts';
import type { Origin } from './source.ts';
import { isSection, type Section } from './validate.ts';

export interface Whole {
  /** Plain data, without `include`; `undefined` if the configuration itself could not be read. */
  value: unknown;
  mistakes: Mistake[];
  place(path: Path): Place;
  origin(path: Path): Origin;
}

/** Sections that several files may share. Any other stands in one file, so that nobody has to add up what is in force. */
const shared = new Set(
  [[], ['groups'], ['providers'], ['roles'], ['workflows'], ['identity'], ['identity', 'links']].map(keyOf),
);

/** @param files the configuration itself first; where two disagree, the earlier counts, and it is a mistake */
export function mergeFiles([main, ...others]: readonly [ConfigFile, ...ConfigFile[]]): Whole {
  const owners = new Map([[keyOf([]), main]]);
  const mistakes: Mistake[] = [];
  const value = isSection(main.source.value) ? add(empty(), main.source.value, [], main) : main.source.value;
  for (const file of others) {
    const part = file.source.value;
    if (isSection(part) && isSection(value)) add(value, part, [], file);
    else if (part !== undefined) report(file, { path: [], message: 'must be a section with keys' });
  }
  return {
    value,
    mistakes,
    place: (path) => ({ file: ownerOf(path).name, ...ownerOf(path).source.position(path) }),
    origin: (path) => ownerOf(path).source.origin(path),
  };

  function add(whole: Section, part: Section, path: Path, file: ConfigFile): Section {
    for (const [key, entry] of Object.entries(part)) {
      const here = [...path, key];
      if (here.length === 1 && key === 'include') continue;
      const mine = shared.has(keyOf(here)) && isSection(entry) ? entry : undefined;
      const there = whole[key];
      if (!Object.hasOwn(whole, key)) {
        whole[key] = mine === undefined ? entry : add(empty(), mine, here, file);
        owners.set(keyOf(here), file);
      } else if (mine !== undefined && isSection(there)) add(there, mine, here, file);
      else report(file, twice(here));
    }
    return whole;
  }

  function twice(path: Path): Finding {
    const { name, source } = ownerOf(path);
    const message = `is written in ${printable(name)}:${source.position(path).line} already`;
    return { path, message, hint: 'keep one of the two' };
  }

  function report(file: ConfigFile, finding: Finding): void {
    mistakes.push(mistakeIn(file, finding));
  }

  function ownerOf(path: Path): ConfigFile {
    for (let length = path.length; length > 0; length--) {
      const owner = owners.get(keyOf(path.slice(0, length)));
      if (owner !== undefined) return owner;
    }
    return main;
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

// Without a prototype: a key of a file may be called `__proto__`.
function empty(): Section {
  return Object.create(null) as Section;
}
