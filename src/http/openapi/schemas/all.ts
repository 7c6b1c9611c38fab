/** Every schema with a name of its own. */
import { executionDetails } from './details.ts';
import { created, execution, executionList, request } from './execution.ts';
import { approvers, person, stage } from './parts.ts';
import { approval, approvalList, rebuilding, role, roleList, whoAmI } from './people.ts';
import { problem } from './problem.ts';
import { alive, protectedResource, readiness } from './root.ts';
import { cancelSent, signalled, terminateSent } from './signal.ts';

export const allSchemas = [
  execution,
  executionDetails,
  executionList,
  created,
  request,
  person,
  approvers,
  stage,
  approval,
  approvalList,
  role,
  roleList,
  whoAmI,
  rebuilding,
  problem,
  alive,
  readiness,
  protectedResource,
  cancelSent,
  terminateSent,
  signalled,
];
