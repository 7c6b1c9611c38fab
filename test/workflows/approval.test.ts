import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, begin, type Change, isOver, type Life, type Step } from '../../workflows/approval.ts';
import type { ElevateEvent, Facts, Person, Refusal, State, Verdict } from '../../workflows/contract.ts';
import {
  alice,
  bob,
  carol,
  hour,
  minute,
  sampleActor,
  sampleInput,
  type samplePlan,
  sampleStage,
  sampleTime,
} from '../samples.ts';

const dana: Person = { id: 'dana@example.com', name: 'Dana Dale' };
const eve: Person = { id: 'eve@example.com', name: 'Eve Ember' };
const run = 'first-run';

const sre = sampleStage({ approvers: { users: [], groups: ['sre'] }, members: { sre: [bob.id, carol.id] } });
const owner = sampleStage({ name: 'owner', approvers: { users: [dana.id], groups: [] }, members: {} });

function lifeWith(plan: Parameters<typeof samplePlan>[0] = {}): Life {
  return { run, input: sampleInput({ plan: { stages: [sre], oneDirectory: false, ...plan } }) };
}

function facts(person: Person, overrides: Partial<Facts> = {}): Facts {
  const groups = [bob.id, carol.id].includes(person.id) ? ['sre'] : [];
  return {
    principal: person,
    actor: sampleActor(person),
    active: true,
    groups,
    entitled: true,
    linked: false,
    ...overrides,
  };
}

function vote(
  life: Life,
  person: Person,
  {
    choice = 'approve',
    stage = 0,
    at = sampleTime + minute,
    by = {},
    ...rest
  }: {
    choice?: 'approve' | 'deny' | 'ratify';
    stage?: number;
    at?: number;
    by?: Partial<Facts>;
    id?: string;
    run?: string;
    execution?: string;
    digest?: string;
    owner?: string;
  } = {},
): ElevateEvent<'decision'> {
  const { request } = life.input;
  return {
    what: 'decision',
    id: rest.id ?? `${person.id}/${stage}/${choice}`,
    execution: rest.execution ?? request.id,
    run: rest.run ?? run,
    at,
    by: facts(person, by),
    data: { choice, stage, digest: rest.digest ?? request.digest, owner: rest.owner ?? request.requester.id },
    extra: {},
  };
}

function release(life: Life, person: Person): ElevateEvent<'release'> {
  const { digest, requester } = life.input.request;
  const id = `release/${person.id}`;
  return {
    what: 'release',
    id,
    execution: life.input.request.id,
    run,
    at: sampleTime,
    by: facts(person),
    data: { digest, owner: requester.id },
    extra: {},
  };
}

function play(life: Life, changes: Change[], at = sampleTime + minute): Step {
  return changes.reduce(
    (step, change) => {
      const next = apply(life, step.state, change, at);
      return { state: next.state, entries: [...step.entries, ...next.entries] };
    },
    begin(life, sampleTime),
  );
}

const event = (one: ElevateEvent): Change => ({ kind: 'event', event: one });
const refusals = (step: Step) => step.entries.flatMap((entry) => (entry.kind === 'refused' ? [entry.reason] : []));

describe('deciding', () => {
  it('P1: one approval by an approver starts the access', () => {
    const life = lifeWith();
    expect(play(life, [event(vote(life, bob))]).state.phase).toBe('starting');
  });

  it('P1: a quorum of two needs two people, not two clicks', () => {
    const life = lifeWith({ stages: [{ ...sre, quorum: 2 }] });
    const twice = play(life, [event(vote(life, bob)), event(vote(life, bob, { id: 'another-offer' }))]);
    expect(twice.state.phase).toBe('awaiting_approval');
    expect(refusals(twice)).toEqual(['already_voted']);
    const two = play(life, [event(vote(life, bob)), event(vote(life, carol))]);
    expect(two.state.phase).toBe('starting');
  });

  it('stages are asked in order', () => {
    const life = lifeWith({ stages: [sre, owner] });
    const early = play(life, [event(vote(life, dana, { stage: 1 }))]);
    expect(refusals(early)).toEqual(['stage_closed']);
    const first = play(life, [event(vote(life, bob))]);
    expect(first.state).toMatchObject({ phase: 'awaiting_approval', stage: 1 });
    const second = play(life, [event(vote(life, bob)), event(vote(life, dana, { stage: 1 }))]);
    expect(second.state.phase).toBe('starting');
  });

  it('one denial ends it', () => {
    const life = lifeWith({ stages: [{ ...sre, quorum: 2 }] });
    const step = play(life, [event(vote(life, bob)), event(vote(life, carol, { choice: 'deny' }))]);
    expect(step.state).toMatchObject({ phase: 'closed', outcome: 'denied' });
  });

  it('T19: a denial after one’s own approval replaces it while the stage is open, and nothing else is voted again', () => {
    const life = lifeWith({ stages: [{ ...sre, quorum: 2 }] });
    const changed = play(life, [event(vote(life, bob)), event(vote(life, bob, { choice: 'deny' }))]);
    expect(changed.state).toMatchObject({ phase: 'closed', outcome: 'denied', votes: [{ choice: 'deny' }] });
    const single = lifeWith();
    const late = play(single, [event(vote(single, bob)), event(vote(single, bob, { choice: 'deny' }))]);
    expect(late.state.phase).toBe('starting');
    expect(refusals(late)).toEqual(['stage_closed']);
  });

  it('P3: the same event again changes nothing', () => {
    const life = lifeWith({ stages: [{ ...sre, quorum: 2 }] });
    const once = play(life, [event(vote(life, bob))]);
    const again = apply(life, once.state, event(vote(life, bob)), sampleTime + hour);
    expect(again).toEqual({ state: once.state, entries: [] });
  });

  it('P6: a refusal is written down for the clicker, and the vote does not count', () => {
    const life = lifeWith();
    const step = play(life, [event(vote(life, eve))]);
    expect(step.entries.at(-1)).toMatchObject({
      kind: 'refused',
      by: eve,
      actor: sampleActor(eve),
      reason: 'not_approver',
    });
    expect(step.state).toMatchObject({ phase: 'awaiting_approval', votes: [] });
  });
});

describe('what does not count', () => {
  const plain = lifeWith();
  const high = lifeWith({ risk: 'high' });
  const pair = lifeWith({ stages: [{ ...sre, quorum: 2 }] });
  const elsewhere = { platform: 'chat', tenant: 'T02OTHER', user: 'U_bob' };
  const oneDirectory = lifeWith({ oneDirectory: true });
  const requesterSre = { groups: ['sre'] };

  it.each<[string, Life, ElevateEvent, Refusal | undefined]>([
    ['T10: the requester’s own vote', plain, vote(plain, alice, { by: requesterSre }), 'self_approval'],
    ['T8: somebody outside the frozen approvers', plain, vote(plain, eve), 'not_approver'],
    [
      'T8: somebody whom today’s configuration does not entitle',
      plain,
      vote(plain, bob, { by: { entitled: false } }),
      'not_approver',
    ],
    ['T8: a member who has left the group', plain, vote(plain, bob, { by: { groups: [] } }), 'not_approver'],
    ['a deactivated account', plain, vote(plain, bob, { by: { active: false } }), 'inactive'],
    ['T11: high risk, joined the group later', high, vote(high, dana, { by: { groups: ['sre'] } }), 'joined_later'],
    [
      'T11: normal risk, joined the group later (marked only)',
      plain,
      vote(plain, dana, { by: { groups: ['sre'] } }),
      undefined,
    ],
    ['T5: an account of another source', plain, vote(plain, bob, { by: { actor: elsewhere } }), 'link_required'],
    [
      'T5: another source, but only one side is linked',
      plain,
      vote(plain, bob, { by: { actor: elsewhere, linked: true } }),
      'link_required',
    ],
    [
      'T5: another source, with one directory',
      oneDirectory,
      vote(oneDirectory, bob, { by: { actor: elsewhere } }),
      undefined,
    ],
    ['T20: the digest of another request', plain, vote(plain, bob, { digest: 'x' }), 'changed_request'],
    ['T20: another owner', plain, vote(plain, bob, { owner: eve.id }), 'changed_request'],
    ['T23: an event of an earlier run', plain, vote(plain, bob, { run: 'second-run' }), 'another_life'],
    ['an event for another execution', plain, vote(plain, bob, { execution: 'wf_other' }), 'another_life'],
    ['a click before the stage was opened', plain, vote(plain, bob, { at: sampleTime - 5_001 }), 'not_open_yet'],
    [
      'a click by a clock that is a little behind (counts)',
      plain,
      vote(plain, bob, { at: sampleTime - 5_000 }),
      undefined,
    ],
    ['a click after the deadline', plain, vote(plain, bob, { at: sampleTime + 4 * hour + 1 }), 'too_late'],
    ['a click at the deadline, judged late', plain, vote(plain, bob, { at: sampleTime + 4 * hour }), undefined],
    ['ratifying, in this version', plain, vote(plain, bob, { choice: 'ratify' }), 'not_supported'],
    ['a stage that does not exist', plain, vote(plain, bob, { stage: 7 }), 'stage_closed'],
    ['giving back what is not held', plain, release(plain, alice), 'nothing_held'],
    ['giving back somebody else’s', plain, release(plain, bob), 'not_owner'],
    ['a second person of a pair (counts)', pair, vote(pair, carol), undefined],
  ])('%s', (_, life, one, refusal) => {
    const step = play(life, [event(one)], sampleTime + 5 * hour);
    expect(refusals(step)).toEqual(refusal === undefined ? [] : [refusal]);
    expect(step.state.votes).toHaveLength(refusal === undefined ? 1 : 0);
  });

  it('T11: a vote by somebody who joined later is marked', () => {
    const step = play(plain, [event(vote(plain, dana, { by: { groups: ['sre'] } }))]);
    expect(step.state.votes[0]).toMatchObject({ by: dana, joinedLater: true });
    expect(play(plain, [event(vote(plain, bob))]).state.votes[0]).toMatchObject({ joinedLater: false });
  });

  it('T10: with self-approval allowed, the requester’s vote counts', () => {
    const life = lifeWith({ selfApproval: true });
    expect(play(life, [event(vote(life, alice, { by: requesterSre }))]).state.phase).toBe('starting');
  });
});

describe('deadlines, withdrawal and judgement', () => {
  const life = lifeWith({ stages: [sre, owner] });
  const approved = [event(vote(life, bob)), event(vote(life, dana, { stage: 1 }))];

  it('an open stage expires at its deadline, not before', () => {
    expect(play(life, [{ kind: 'deadline' }]).state.phase).toBe('awaiting_approval');
    expect(play(life, [{ kind: 'deadline' }], sampleTime + 4 * hour).state).toMatchObject({
      phase: 'closed',
      outcome: 'expired',
    });
  });

  it('a withdrawal before the grant ends it at once', () => {
    expect(play(life, [{ kind: 'cancel' }]).state).toMatchObject({ phase: 'closed', outcome: 'withdrawn' });
    expect(play(life, [...approved, { kind: 'cancel' }]).state).toMatchObject({
      phase: 'closed',
      outcome: 'withdrawn',
    });
  });

  it('P2: a withdrawal after the grant takes the access back first', () => {
    const step = play(life, [...approved, { kind: 'performing', until: sampleTime + hour }, { kind: 'cancel' }]);
    expect(step.state).toMatchObject({ phase: 'ending', outcome: 'withdrawn' });
    const ended = apply(
      life,
      step.state,
      { kind: 'lease_ended', end: { item: 0, at: sampleTime, end: 'revoked' } },
      sampleTime,
    );
    expect(ended.state).toMatchObject({ phase: 'closed', outcome: 'withdrawn', access: [{ state: 'revoked' }] });
  });

  it('T9: votes of people who may no longer decide are dropped, and the earliest stage they leave short is asked again', () => {
    const verdict: Verdict = { ok: false, kind: 'votes', dropped: [{ principal: bob.id, why: 'left' }] };
    const step = play(life, [...approved, { kind: 'judged', verdict }]);
    expect(step.state).toMatchObject({ phase: 'awaiting_approval', stage: 0, votes: [{ by: dana }] });
  });

  it('T9: a requester who left gets nothing; T8: nor does a target that has changed', () => {
    const left = { ok: false, kind: 'requester', why: 'left' } as const;
    expect(play(life, [...approved, { kind: 'judged', verdict: left }]).state).toMatchObject({
      phase: 'closed',
      outcome: 'revoked',
    });
    const changed = { ok: false, kind: 'changed', why: 'moved' } as const;
    expect(play(life, [...approved, { kind: 'judged', verdict: changed }]).state).toMatchObject({
      phase: 'closed',
      outcome: 'changed',
    });
  });

  it('a lease that ends early from outside is an early end; one that ends in time is completed', () => {
    const held: Change[] = [
      ...approved,
      { kind: 'performing', until: sampleTime + hour },
      { kind: 'lease', note: { item: 0, at: sampleTime, note: 'granted', until: sampleTime + hour } },
    ];
    const end = (at: number): Change => ({ kind: 'lease_ended', end: { item: 0, at, end: 'revoked' } });
    expect(play(life, [...held, end(sampleTime + minute)]).state).toMatchObject({
      phase: 'closed',
      outcome: 'revoked',
    });
    expect(play(life, [...held, end(sampleTime + hour)]).state).toMatchObject({
      phase: 'closed',
      outcome: 'completed',
    });
    expect(play(life, [...held, event(release(life, alice))]).state).toMatchObject({
      phase: 'ending',
      outcome: 'completed',
    });
  });

  it('force has the last word over an ending under way', () => {
    const ending = play(life, [...approved, { kind: 'performing', until: sampleTime + hour }, { kind: 'cancel' }]);
    const step = apply(life, ending.state, { kind: 'terminated', by: alice }, sampleTime);
    expect(apply(life, step.state, { kind: 'leases_closed' }, sampleTime).state).toMatchObject({
      phase: 'closed',
      outcome: 'terminated',
      access: [{ state: 'revoked' }],
    });
  });

  it('T23: noise from the namespace is written down ten times at most, and changes nothing', () => {
    const step = play(
      life,
      Array.from({ length: 50 }, (): Change => ({ kind: 'unsealed' })),
    );
    expect(step.entries.filter(({ kind }) => kind === 'ignored')).toHaveLength(10);
    expect(step.state.phase).toBe('awaiting_approval');
  });
});

// ── every interleaving ───────────────────────────────────────────────────────────────────────────────────

const people = [alice, bob, carol, dana, eve];

interface Play {
  life: Life;
  moments: { change: Change; after: number }[];
}

/** Lives with one to three stages, and anything that can happen to them, in any order, at any time. */
const plays: fc.Arbitrary<Play> = fc
  .record({
    stages: fc.array(fc.constantFrom(sre, owner, { ...sre, quorum: 2 }), { minLength: 1, maxLength: 3 }),
    selfApproval: fc.boolean(),
    risk: fc.constantFrom('normal' as const, 'high' as const),
  })
  .chain((plan) => {
    const life = lifeWith(plan);
    const votes = fc.record({
      person: fc.constantFrom(...people),
      choice: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'deny' as const),
      stage: fc.integer({ min: 0, max: plan.stages.length - 1 }),
      at: fc.integer({ min: -1, max: 5 }).map((hours) => sampleTime + hours * hour + 1),
      digest: fc.constantFrom(life.input.request.digest, life.input.request.digest, 'another'),
      by: fc.record({ active: fc.constantFrom(true, true, false), entitled: fc.constantFrom(true, true, false) }),
      run: fc.constantFrom(run, run, run, 'another'),
    });
    const change: fc.Arbitrary<Change> = fc.oneof(
      { weight: 12, arbitrary: votes.map(({ person, ...how }) => event(vote(life, person, how))) },
      { weight: 1, arbitrary: fc.constant<Change>({ kind: 'deadline' }) },
      { weight: 1, arbitrary: fc.constant<Change>({ kind: 'cancel' }) },
      { weight: 1, arbitrary: fc.constant<Change>({ kind: 'unsealed' }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(bob, carol, dana).map(({ id }): Change => ({
          kind: 'judged',
          verdict: { ok: false, kind: 'votes', dropped: [{ principal: id, why: 'left' }] },
        })),
      },
      { weight: 1, arbitrary: fc.constant<Change>({ kind: 'terminated', by: alice }) },
    );
    const moments = fc.array(fc.record({ change, after: fc.integer({ min: 0, max: hour }) }), { maxLength: 25 });
    return moments.map((list) => ({ life, moments: list }));
  });

function statesOf({ life, moments }: Play): { state: State; step: Step; change: Change }[] {
  let at = sampleTime;
  let { state } = begin(life, at);
  return moments.map(({ change, after }) => {
    at += after;
    const step = apply(life, state, change, at);
    state = step.state;
    return { state, step, change };
  });
}

describe('whatever happens, in whatever order', () => {
  const many = { numRuns: 20_000 };

  it('P1: nothing starts without its quorum of distinct, entitled people at every stage', () => {
    let started = 0;
    fc.assert(
      fc.property(plays, (one) => {
        for (const { state } of statesOf(one)) {
          if (state.phase !== 'starting') continue;
          started += 1;
          one.life.input.plan.stages.forEach((stage, index) => {
            const approvers = state.votes
              .filter((v) => v.stage === index && v.choice === 'approve')
              .map((v) => v.by.id);
            expect(new Set(approvers).size).toBeGreaterThanOrEqual(stage.quorum);
            if (!one.life.input.plan.selfApproval) expect(approvers).not.toContain(alice.id);
            const possible = stage.approvers.groups.length > 0 ? [bob.id, carol.id] : [dana.id];
            expect(possible).toEqual(expect.arrayContaining(approvers));
          });
        }
      }),
      many,
    );
    expect(started).toBeGreaterThan(100);
  });

  it('P3: playing everything twice over gives the same votes and the same end as playing it once', () => {
    fc.assert(
      fc.property(plays, ({ life, moments }) => {
        const votes = moments.filter(({ change }) => change.kind === 'event');
        const once = statesOf({ life, moments: votes }).at(-1)?.state;
        const doubled = votes.flatMap((moment) => [moment, { ...moment, after: 0 }]);
        expect(statesOf({ life, moments: doubled }).at(-1)?.state).toEqual(once);
      }),
      many,
    );
  });

  it('P6: every change is told: the version counts the entries, one by one', () => {
    fc.assert(
      fc.property(plays, (one) => {
        let { version } = begin(one.life, sampleTime).state;
        for (const { state, step } of statesOf(one)) {
          expect(step.entries.map(({ seq }) => seq)).toEqual(step.entries.map((_, index) => version + index + 1));
          version += step.entries.length;
          expect(state.version).toBe(version);
        }
      }),
      many,
    );
  });

  it('what is over stays as it ended', () => {
    fc.assert(
      fc.property(plays, (one) => {
        let ended: State | undefined;
        for (const { state } of statesOf(one)) {
          if (ended !== undefined)
            expect(state).toMatchObject({
              phase: 'closed',
              outcome: (ended as { outcome: string }).outcome,
              votes: ended.votes,
            });
          if (isOver(state)) ended = state;
        }
      }),
      many,
    );
  });
});
