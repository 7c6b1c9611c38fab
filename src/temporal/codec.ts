/** Seals what Temporal stores, so that write access to the namespace is not enough to get access (T23). */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import protobuf from 'protobufjs';
import type { Unsealed } from '../../workflows/contract.ts';
import { ElevateError } from '../core/errors.ts';

/** A 32-byte AES key of the payload purpose, and the name under which payloads remember it. */
export interface SealingKey {
  kid: string;
  key: Uint8Array;
}

const encoding = Buffer.from('binary/encrypted');
const ivBytes = 12;
const tagBytes = 16;

const unsealed: Unsealed = { unsealed: true };

/** `temporal.api.common.v1.Payload`, field by field as on the wire. */
const PlainPayload = new protobuf.Type('Payload')
  .add(new protobuf.MapField('metadata', 1, 'string', 'bytes'))
  .add(new protobuf.Field('data', 2, 'bytes'));

/**
 * AES-256-GCM with a random 96-bit IV. The newest key (the first) seals, all open. Metadata of a sealed payload:
 * `encoding` = `binary/encrypted`, `encryption-key-id`; data = IV, ciphertext, tag.
 *
 * The place is authenticated: a payload opens only where it was sealed for. The place is what the SDK (1.24) tells the
 * codec on both sides, seen on a real server (`test/temporal/codec-places.test.ts`):
 *
 * | payload | context on both sides |
 * |---|---|
 * | start arguments, memo, signal and query arguments, from a client | `workflow`, the target's id |
 * | memo in describe and list; query and workflow results and failures | `workflow`, its own id |
 * | upserted memo, continue-as-new arguments, timer summaries | `workflow`, its own id |
 * | child workflow: arguments, memo, result, failure | `workflow`, the **child's** id |
 * | signal from a workflow to another or to its child | `workflow`, the **receiver's** id |
 * | activity arguments, result, failure, heartbeat details (also those of the attempt before) | `activity`, id of the scheduling workflow, activity id |
 *
 * What it cannot tell, because the SDK does not: the run (a payload of an earlier life of the same workflow id opens), the
 * direction (an activity's argument opens as its result), and who schedules an activity (somebody's own workflow under an id of
 * ours may schedule our activities with arguments copied from a history). So what must not be replayed names its run, and an
 * activity that gives something away asks the ledger first. A signal or call without any argument never reaches a codec:
 * handlers see `undefined`.
 *
 * Sealed without a place, and therefore opened nowhere: failures of a workflow task (a bug in workflow code), asynchronous
 * activity completion, Nexus. Arguments of Schedules are sealed for ids that nothing runs under: scheduled workflows take none.
 * Plain by the SDK's own doing: search attributes, headers, identities, ids, the reasons of cancel and terminate, and the names
 * of workflows, activities, signals and failure types.
 *
 * Whatever does not open becomes a payload that reads `{ unsealed: true }` ({@link Unsealed}). Never an exception, since
 * that would fail the workflow task for ever.
 *
 * @throws `invalid_input` if there is no key or one has the wrong size
 */
export function createSealingCodec(options: { keys: readonly SealingKey[]; namespace: string }): PayloadCodec {
  const { newest, byKid } = keyRing(options.keys);

  return {
    async encode(payloads, context) {
      return payloads.map((payload) => seal(payload, newest, placeOf(context, options.namespace)));
    },
    async decode(payloads, context) {
      const place = context && placeOf(context, options.namespace);
      return payloads.map(
        (payload) => (place && open(payload, byKid, place)) ?? defaultPayloadConverter.toPayload(unsealed),
      );
    },
  };
}

interface RingKey {
  kid: string;
  key: KeyObject;
}

function keyRing(keys: readonly SealingKey[]): { newest: RingKey; byKid: Map<string, KeyObject> } {
  if (keys.some(({ key }) => key.length !== 32)) {
    throw new ElevateError('invalid_input', 'A key that seals payloads must have 32 bytes.');
  }
  // Made once: a key of bytes would be made into one of these for every payload, which takes longer than sealing it.
  const [newest, ...older] = keys.map(({ kid, key }) => ({ kid, key: createSecretKey(key) }));
  if (!newest) throw new ElevateError('invalid_input', 'No key to seal payloads with. Set ELEVATE_KEYS.');
  return { newest, byKid: new Map([newest, ...older].map(({ kid, key }) => [kid, key])) };
}

/** Unambiguous bytes that name purpose and place; the authenticated data of a seal. */
function placeOf(context: SerializationContext | undefined, namespace: string): Buffer {
  const place = context
    ? [
        context.type,
        context.namespace,
        context.workflowId,
        context.type === 'activity' ? context.activityId : undefined,
      ]
    : ['nowhere', namespace];
  return Buffer.from(JSON.stringify(['elevate payload v1', ...place]));
}

function seal(payload: Payload, { kid, key }: RingKey, place: Buffer): Payload {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes });
  cipher.setAAD(place);
  const text = cipher.update(PlainPayload.encode(payload).finish());
  return {
    metadata: { encoding, 'encryption-key-id': Buffer.from(kid) },
    data: Buffer.concat([iv, text, cipher.final(), cipher.getAuthTag()]),
  };
}

function open({ metadata, data }: Payload, keys: Map<string, KeyObject>, place: Buffer): Payload | undefined {
  const kid = metadata?.['encryption-key-id'];
  const key = kid && keys.get(Buffer.from(kid).toString());
  if (!key || !data || data.length < ivBytes + tagBytes || !encoding.equals(metadata['encoding'] ?? Buffer.alloc(0))) {
    return undefined;
  }
  const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAAD(place);
  decipher.setAuthTag(data.subarray(-tagBytes));
  try {
    const text = decipher.update(data.subarray(ivBytes, -tagBytes));
    return PlainPayload.decode(Buffer.concat([text, decipher.final()])) as unknown as Payload;
  } catch {
    return undefined;
  }
}
