/**
 * An object whose methods are always those of the newest one: what holds it need not hear of a reload. A call that has
 * begun ends with what it began with.
 */
export function live<Port extends { [Name in keyof Port]: (...input: never[]) => unknown }>(current: () => Port): Port {
  const names = Object.keys(current()) as (keyof Port)[];
  const methods = names.map((name) => [name, (...input: never[]) => current()[name](...input)]);
  return Object.fromEntries(methods) as Port;
}
