/** Messages going out: makes Slack match a state. What was lost on the way is mended by showing again. */
import type { Chat } from '../core/ports.ts';
import { askDirectly, askInChannels } from './asking.ts';
import { createChannels } from './channels.ts';
import { tellOthers, tellRequester } from './notifying.ts';
import { type MessengerDeps, openShowing, platform } from './showing.ts';

export type { MessengerDeps } from './showing.ts';

/** The chat of one workspace. Showing throws `ChatBusy` or `unavailable` once everything was tried. */
export function createMessenger(deps: MessengerDeps): Chat {
  const channels = createChannels(deps);
  return {
    platform,
    async show({ input, state, events }) {
      const showing = await openShowing(deps, channels, input, state);
      await askInChannels(showing);
      await askDirectly(showing);
      await tellRequester(showing, events);
      await tellOthers(showing, events);
      showing.tries.raise();
    },
  };
}
