import type { Item, ProviderCall } from '../../workflows/contract.ts';

/** What a call is about. */
export function itemOf({ item, request }: ProviderCall): Item {
  const found = request.items[item];
  if (found === undefined) throw new Error(`there is no item ${item}`);
  return found;
}
