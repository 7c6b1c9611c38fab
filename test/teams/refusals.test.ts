import { describe, expect, it } from 'vitest';
import { ElevateError } from '../../src/core/errors.ts';
import { ConnectorRefusal } from '../../src/teams/connector.ts';
import { meaningOf, type Tried } from '../../src/teams/refusals.ts';

const calls: Tried['call'][] = ['open', 'post', 'reply', 'edit'];

function meaning(status: number, word: string, call: Tried['call'], plain = false) {
  return meaningOf(new ConnectorRefusal({ status, word }), { call, plain });
}

describe("what Teams' refusals mean", () => {
  it.each([
    [403, 'MessageWritesBlocked'],
    [403, 'ConversationBlockedByUser'],
    [403, 'BotNotInConversationRoster'],
    [403, 'BotDisabledByAdmin'],
    [403, 'ForbiddenOperationException'],
    [403, 'NotEnoughPermissions'],
  ])('P6: nobody is reached where it answers %i %s', (status, word) => {
    for (const call of calls) expect(meaning(status, word, call)).toMatchObject({ kind: 'closed', word });
  });

  it.each([
    ['ConversationNotFound', 'open', 'closed'],
    ['ConversationNotFound', 'post', 'closed'],
    ['ConversationNotFound', 'edit', 'closed'],
    ['ConversationNotFound', 'reply', 'gone'],
    ['BotNotInConversationRoster', 'post', 'closed'],
    ['ActivityNotFoundInConversation', 'edit', 'gone'],
    ['ActivityNotFoundInConversation', 'reply', 'gone'],
    ['', 'edit', 'gone'],
  ] as const)('P6: a 404 %s after %s means %s', (word, call, kind) => {
    expect(meaning(404, word, call)).toMatchObject({ kind });
  });

  it.each([
    [413, 'MessageSizeTooBig'],
    [400, 'BadSyntax'],
    [400, 'Bad Argument'],
    [400, ''],
  ])('P6: a plainer message may do where it answers %i %s, unless that was one', (status, word) => {
    for (const call of ['post', 'reply', 'edit'] as const) {
      expect(meaning(status, word, call)).toMatchObject({ kind: 'undrawable' });
      expect(meaning(status, word, call, true)).toMatchObject({ kind: 'closed' });
    }
    expect(meaning(status, word, 'open', true)).toMatchObject({ kind: 'closed' });
  });

  it.each([
    [401, 'BotNotRegistered', 'an operator can mend a key'],
    [403, '', 'a proxy may have said so'],
    [403, 'InvalidBotApiHost', 'an operator can mend the address'],
    [412, 'PreconditionFailed', 'it passes'],
    [429, '', 'it passes'],
    [500, 'ServiceError', 'it passes'],
    [502, 'ServiceError', 'it passes'],
    [503, '', 'it passes'],
    [504, '', 'it passes'],
  ])('P6: is tried again after %i %s, since %s', (status, word) => {
    for (const call of calls) expect(meaning(status, word, call)).toMatchObject({ code: 'unavailable' });
  });

  it.each([429, 503])('waits as long as Teams asks for (%i)', (status) => {
    const refusal = new ConnectorRefusal({ status, word: 'Throttled', retryAfterMs: 4_000 });
    expect(meaningOf(refusal, { call: 'post', plain: false })).toMatchObject({ name: 'ChatBusy', retryAfterMs: 4_000 });
  });

  it('leaves every other error as it is', () => {
    const error = new ElevateError('unavailable', 'no answer in time');
    expect(meaningOf(error, { call: 'post', plain: false })).toBe(error);
  });
});
