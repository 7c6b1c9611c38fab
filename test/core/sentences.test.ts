import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../workflows/contract.ts';
import { ElevateError, type ErrorCode } from '../../src/core/errors.ts';
import { refusalText, sentenceFor } from '../../src/core/sentences.ts';
import { storyLine } from '../../src/core/story.ts';
import { plain } from '../../src/core/words.ts';
import { sampleId, sampleInput, sampleState, sampleTime } from '../samples.ts';

const codes: ErrorCode[] = [
  'invalid_input',
  'token_invalid',
  'unauthenticated',
  'unknown_identity',
  'not_allowed',
  'workflow_disabled',
  'unknown_workflow',
  'unknown_execution',
  'execution_closed',
  'conflict',
  'token_expired',
  'rate_limited',
  'unavailable',
];

const refusals: Refusal[] = [
  'self_approval',
  'not_approver',
  'joined_later',
  'inactive',
  'link_required',
  'already_voted',
  'stage_closed',
  'not_open_yet',
  'too_late',
  'changed_request',
  'not_owner',
  'nothing_held',
  'another_life',
  'not_supported',
];

describe('sentences for errors', () => {
  it.each(codes)('P6: %s says what happened in whole, calm sentences', (code) => {
    const words = plain(sentenceFor(new ElevateError(code, 'Something was wrong.')));
    expect(words).toMatch(/^[A-Z].*\.$/u);
    expect(words).not.toMatch(/!|undefined|_|\.\./u);
  });

  it.each(refusals)('P6: the refusal %s has a sentence of its own', (reason) => {
    const error = new ElevateError('not_allowed', 'General.', { details: { reason } });
    expect(plain(sentenceFor(error))).not.toContain('General.');
    const words = plain(refusalText(reason, sampleInput(), sampleState()));
    expect(words).toMatch(/^[A-Z].*\.$/u);
    expect(words).not.toMatch(/!|_|not recorded\.$/u);
  });

  it('shows the message of a reason that it does not know', () => {
    const error = new ElevateError('not_allowed', 'The freeze of 24 December is on', {
      details: { reason: 'toString' },
    });
    expect(plain(sentenceFor(error))).toBe('The freeze of 24 December is on.');
  });

  it('P7: shows nothing of the cause', () => {
    const error = new ElevateError('unavailable', 'No.', { cause: new Error('xoxb-secret at 10.0.0.1') });
    expect(JSON.stringify(sentenceFor(error))).not.toMatch(/secret|10\.0/u);
  });

  it('names each problem and a command to try', () => {
    const error = new ElevateError('invalid_input', 'The request has mistakes.', {
      details: {
        problems: [{ pointer: '/duration', message: 'is longer than 4 hours' }],
        suggestion: '/elevate admin on aws-prod for 4h',
      },
    });
    expect(plain(sentenceFor(error))).toBe(
      'The request has mistakes. /duration: is longer than 4 hours. Try: /elevate admin on aws-prod for 4h',
    );
  });

  it('says how long to wait, and which execution is meant', () => {
    const error = new ElevateError('rate_limited', 'You have 5 open requests', {
      details: { retryAfterMs: 90_000, execution: sampleId() },
    });
    expect(plain(sentenceFor(error))).toBe(
      `You have 5 open requests. Try again in 1 minute 30 seconds. See it with /elevate show ${sampleId()}.`,
    );
  });

  it('T28: cleans what comes from people', () => {
    const error = new ElevateError('invalid_input', 'I know no role called ad\u202Emin\nx.');
    expect(plain(sentenceFor(error))).toBe('I know no role called admin x.');
  });
});

describe('the timeline', () => {
  const line = (kind: string, details: Record<string, unknown>, principal?: string) =>
    plain(storyLine({ id: '1', at: sampleTime, kind, details, ...(principal === undefined ? {} : { principal }) }));

  it.each([
    ['requested', {}, 'alice@example.com', 'alice@example.com asked.'],
    [
      'voted',
      { vote: { choice: 'deny', reason: 'no', joinedLater: true } },
      'bob@example.com',
      'bob@example.com denied, joined later: “no”.',
    ],
    ['voted', { choice: 'approve' }, 'bob@example.com', 'bob@example.com approved.'],
    ['refused', { reason: 'too_late' }, 'bob@example.com', 'Not counted: what bob@example.com clicked (too late).'],
    ['granted', { until: sampleTime }, undefined, 'Granted, until 2026-11-25 03:00 UTC.'],
    ['closed', { outcome: 'failed', why: 'no such group' }, undefined, 'Closed: failed: no such group.'],
    ['closed', { outcome: 'constructor' }, undefined, 'Closed: constructor.'],
    ['toString', {}, undefined, 'toString.'],
    ['owner_changed', { vote: 'odd' }, undefined, 'owner changed.'],
  ])('tells %s %j', (kind, details, principal, words) => {
    expect(line(kind, details, principal)).toBe(`2026-11-25 03:00 UTC ${words}`);
  });
});
