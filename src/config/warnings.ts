/** What is allowed, and worth a second look. */
import type { Finding, Path } from './mistakes.ts';
import type { ConfigDocument } from './schema.ts';
import type { Source } from './source.ts';

/** Expects a document without mistakes. */
export function warningsOf(document: ConfigDocument, source: Source): Finding[] {
  return [
    ...Object.entries(document.roles)
      .filter(([, { risk }]) => risk === 'high')
      .map(([name]) => ({
        path: ['roles', name, 'risk'],
        message: 'accounts cannot be linked by a company login yet, so this role does not ask for one',
      })),
    ...secretsOf(document)
      .filter((path) => source.origin(path) === 'file')
      .map((path) => ({ path, message: 'is a secret in the file itself', hint: 'put it into a variable: ${NAME}' })),
  ];
}

function secretsOf({ slack, providers }: ConfigDocument): Path[] {
  const webhooks = Object.entries(providers).flatMap(([name, provider]): Path[] => {
    if (provider.type !== 'webhook') return [];
    const path = ['providers', name, 'secret'];
    return Array.isArray(provider.secret) ? provider.secret.map((_, index) => [...path, index]) : [path];
  });
  return [
    ['keys'],
    ...(slack
      ? [
          ['slack', 'signing_secret'],
          ['slack', 'bot_token'],
        ]
      : []),
    ...webhooks,
  ];
}
