/** What is read in any chat, without what every chat draws in its own way and every person has of their own. */
import type { Person } from './house.ts';

const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;
const ownZone = new RegExp(`In your time zone: ${time}(?:, ${time})*`, 'g');
const twice = new RegExp(`(${time}) \\(\\1\\)`, 'g');

/** Layout, colons of labels and the viewer's own zone are the chat's; words and their order are not. */
export function wordsIn(text: string): string {
  return text.replace(ownZone, '').replace(twice, '$1').replace(/:\s+/g, ' ').replace(/\s+/g, ' ').trim();
}

/** The same said to anybody, of anything, at any time. */
export function impersonal(text: string, { email }: Person): string {
  const [name = ''] = email.split('@');
  return wordsIn(text)
    .replaceAll(email, 'EMAIL')
    .replace(new RegExp(name, 'gi'), 'NAME')
    .replace(/wf_[0-9a-z]{26}/g, 'ID')
    .replace(new RegExp(time, 'g'), 'TIME');
}
