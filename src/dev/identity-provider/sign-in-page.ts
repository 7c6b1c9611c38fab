/** The page where a person says who they are, and that the code in their terminal is theirs. Asks for no password. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Person } from './people.ts';

const FORM_LIMIT = 2_048;

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

export interface SignInPage {
  people: readonly Person[];
  issuer: string;
  approve(userCode: string, email: string): Promise<void>;
}

export async function serveSignIn(request: IncomingMessage, response: ServerResponse, page: SignInPage): Promise<void> {
  if (request.method === 'GET') return answer(response, 200, choice(request, page));
  // A page of somebody else must not sign anybody in.
  if (request.method !== 'POST' || request.headers.origin !== page.issuer)
    return answer(response, 403, 'Not from here.');
  const form = await formOf(request);
  const person = page.people.find(({ email }) => email === form?.get('email'));
  if (form === undefined || person === undefined) return answer(response, 400, 'Nobody of that name can sign in here.');
  try {
    await page.approve(form.get('user_code') ?? '', person.email);
  } catch {
    return answer(response, 400, 'There is no such code, or its time is over. Start again in the terminal.');
  }
  return answer(response, 200, `Signed in as ${escaped(person.name)}. Go back to the terminal.`);
}

function choice({ url = '' }: IncomingMessage, { people, issuer }: SignInPage): string {
  const code = new URL(url, issuer).searchParams.get('user_code') ?? '';
  const buttons = people.map(
    ({ email, name }) =>
      `<p><button name="email" value="${escaped(email)}">${escaped(name)} (${escaped(email)})</button>`,
  );
  return `<form method="post"><p><label>The code in your terminal: <input name="user_code" required value="${escaped(code)}"></label>
<p>Who are you?${buttons.join('')}</form>`;
}

/** `undefined` if it is too long. */
async function formOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= FORM_LIMIT) chunks.push(chunk);
  }
  return size > FORM_LIMIT ? undefined : new URLSearchParams(Buffer.concat(chunks).toString());
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, headers).end(`<!doctype html><title>Sign in to elevate dev</title><main>${body}</main>`);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
