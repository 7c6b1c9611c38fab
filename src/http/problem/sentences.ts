/** What a client's author reads beside a code: what it means, and what to do. */
import { clean } from '../../core/clean.ts';
import type { ProblemCode } from './codes.ts';

/** @param message the error's own, which is safe to show; used where it tells more than the code does */
export function detailOf(code: ProblemCode, reason?: string, message = ''): string {
  if (code === 'not_allowed') return reasons[reason ?? ''] ?? (sentence(message) || details.not_allowed);
  if (code === 'unauthenticated') return credentials[reason ?? ''] ?? details.unauthenticated;
  if (!toldByMessage.has(code) || message === '') return details[code];
  return `${sentence(message)} ${details[code]}`;
}

/** Whose message says what the code alone does not. */
const toldByMessage: ReadonlySet<ProblemCode> = new Set(['unknown_identity', 'rate_limited', 'workflow_disabled']);

const details: Record<ProblemCode, string> = {
  invalid_input: 'Nothing was done. Correct what "errors" names, then send it again.',
  token_invalid: 'Nothing was recorded. GET /api/v1/approvals has a fresh token for what waits for you.',
  unauthenticated: 'Send an access token in the header Authorization, as "Bearer" and the token.',
  unknown_identity: 'The access token is good, but it belongs to nobody whom Elevate knows. Ask an operator.',
  not_allowed: 'Nothing was changed.',
  workflow_disabled: 'Nothing was started. Ask an operator when it will be back.',
  unknown_workflow: 'Nothing was started. Look at the name in "workflow"; the one for access is usually "default".',
  unknown_execution:
    'It does not exist, or it is not yours to see. GET /api/v1/executions lists yours, GET /api/v1/approvals what waits for you.',
  not_found: 'Look at the address. Nothing was done.',
  method_not_allowed: 'The header Allow names what is taken. Nothing was done.',
  execution_closed: 'Nothing was changed. GET /api/v1/execution/{id} says how it ended.',
  conflict: 'Nothing was started. Use a new Idempotency-Key for a new request.',
  token_expired: 'Nothing was recorded. If the execution still waits, GET /api/v1/approvals has a fresh token.',
  too_large: 'Nothing was done. Send less.',
  unsupported_media_type: 'Nothing was done. Send JSON, and say so: Content-Type: application/json.',
  rate_limited: 'Nothing was started. End a request that is not needed, or come back after Retry-After.',
  internal: 'It is not certain that anything was done. Tell an operator the request_id; it is in the log.',
  unavailable:
    'Something that this needs does not answer, so it is not certain that anything was recorded. Look, then try again after Retry-After.',
};

const credentials: Record<string, string> = {
  invalid_request: 'The header Authorization is malformed. It is "Bearer", one space and one token.',
  invalid_token:
    'The access token does not hold: it is not one of the configured issuer for this server, or was changed.',
  expired_token: 'The access token has expired. Get a new one and send the request again.',
};

const reasons: Record<string, string> = {
  prefetch: 'A prefetch may not change anything. Send the request itself, best as POST.',
  cross_site: 'A page of another site may not change anything here.',
  person_required: 'Only a person decides, and this access token is a program’s. Sign in as yourself.',
  scope_required: 'This access token was not issued for deciding. Get one with the scope that WWW-Authenticate names.',
  not_auditor: "Only auditors see other people's executions.",
  not_operator: 'Only operators may do this.',
  not_owner: 'Only the owner may do this. Nothing was changed.',
  not_requester: 'This role is not yours to ask for. GET /api/v1/roles lists those that are. Nothing was started.',
  self_approval: 'Your own request is for others to decide. Nothing was recorded.',
  not_approver: 'You are not among the approvers of this stage. Nothing was recorded.',
  joined_later: 'You joined the approvers after this was asked for, so another of them has to decide.',
  inactive: 'Your account is not active. Nothing was recorded.',
  already_voted: 'You have voted on this stage already; that vote stands.',
  stage_closed: 'This stage is decided already. Nothing was recorded.',
  not_open_yet: 'An earlier stage is not decided yet. Nothing was recorded.',
  too_late: 'The time to decide is over. Nothing was recorded.',
  changed_request: 'The request is not the one that the token is for. Take a fresh token from GET /api/v1/approvals.',
  nothing_held: 'There is no access to give back. Nothing was changed.',
  another_life: 'The token belongs to an earlier request. Nothing was recorded.',
  not_supported: 'This server does not know how to do that. Nothing was changed.',
  link_required: 'This takes an account that an operator has linked to you. Nothing was recorded.',
  binding_mismatch:
    'This account and its e-mail address belong to different people in our records. Ask an operator. Nothing was done.',
};

/** Clean, with a capital first and a full stop last. */
function sentence(words: string): string {
  const cleaned = clean(words);
  if (cleaned === '') return '';
  const begun = cleaned.charAt(0).toUpperCase() + cleaned.slice(1);
  return /[.?…]$/u.test(begun) ? begun : `${begun}.`;
}
