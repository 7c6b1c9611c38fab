/** Answers a delivery through the address that came with it: five times within 30 minutes, for that person alone. */

/** Only https, or the origin of the configured Web API (a local stand-in). */
export async function respond(
  responseUrl: string,
  message: { text: string; blocks?: unknown[] },
  options: { apiUrl: string; fetch?: typeof fetch; timeoutMs?: number },
): Promise<void> {
  const url = URL.parse(responseUrl);
  const isAllowed = url?.protocol === 'https:' || url?.origin === new URL(options.apiUrl).origin;
  if (url === null || !isAllowed) throw new Error('the response address is not https');
  const answer = await (options.fetch ?? fetch)(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...message }),
    redirect: 'error',
    signal: AbortSignal.timeout(options.timeoutMs ?? 5_000),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`the response address answered ${answer.status}`);
}
