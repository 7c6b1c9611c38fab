/** Makes a chat match a state. What was lost on the way is mended by showing again. */
import type { Chat } from '../ports.ts';
import { askDirectly, askInChannels } from './asking.ts';
import { tellOthers, tellRequester } from './notifying.ts';
import { openShowing, type ShowingDeps } from './showing.ts';
import { unreachedBy } from './unreached.ts';

/** Showing throws `ChatBusy` or `unavailable` once everything was tried. */
export function createChat<Drawn>(deps: ShowingDeps<Drawn>): Chat {
  return {
    platform: deps.platform,
    async show({ input, state, events }) {
      const showing = await openShowing(deps, input, state);
      await askInChannels(showing);
      await askDirectly(showing);
      const unreached = unreachedBy(showing);
      await tellRequester(showing, events, unreached);
      await tellOthers(showing, events);
      showing.tries.raise();
      return unreached;
    },
  };
}
