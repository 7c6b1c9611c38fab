/** Refuses, out loud, whoever may not act here (T2, P6). */
import type { AckFn } from '@slack/bolt';
import type { Log } from '../core/ports.ts';
import type { Admission } from './admission.ts';
import { loggable } from './failure.ts';
import { outcomeView } from './reason-form.ts';
import { respond } from './response-url.ts';

type Refused = Extract<Admission, { admitted: false }>;

const sentences: Record<Refused['why'], string> = {
  unlisted: 'Elevate does not serve this workspace. Ask your administrator to add it.',
  foreign: 'Only people of the workspace that runs Elevate can use this. You are here from another one.',
  nobody: 'Elevate cannot tell who sent this, so nothing was done.',
};

/** Events have no `ack`: Bolt acknowledged them, and nobody waits for an answer. */
export async function refuse(
  admission: Refused,
  body: unknown,
  ack: AckFn<unknown> | undefined,
  deps: { apiUrl: string; log: Log },
): Promise<void> {
  if (ack === undefined) return;
  const { apiUrl, log } = deps;
  log.warn({ why: admission.why }, 'refused somebody who may not act here');
  const message = { text: sentences[admission.why] };
  const kind = kindOf(body);
  if (kind === 'command') return ack({ response_type: 'ephemeral', ...message });
  if (kind === 'view') return ack({ response_action: 'update', view: outcomeView(message) });
  await ack();
  if (admission.responseUrl === undefined) return;
  await respond(admission.responseUrl, message, { apiUrl }).catch((error: unknown) =>
    log.warn(loggable(error), 'a refusal did not get through'),
  );
}

function kindOf(body: unknown): 'command' | 'view' | 'other' {
  const { command, type } = body as { command?: unknown; type?: unknown };
  if (typeof command === 'string') return 'command';
  return type === 'view_submission' ? 'view' : 'other';
}
