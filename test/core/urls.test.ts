import { describe, expect, it } from 'vitest';
import { isUrlAt } from '../../src/core/urls.ts';

const hosts = ['chat.example.com', '*.bots.example.org', '127.0.0.1'];

describe('T27: the hosts that may be sent to', () => {
  it.each([
    'https://chat.example.com/emea/',
    'https://CHAT.example.com',
    'https://chat.example.com:8443/x?y=z',
    'https://a.bots.example.org/',
    'https://a.b.bots.example.org/',
    'http://127.0.0.1:9097/teams/',
  ])('%s is at one of them', (url) => expect(isUrlAt(url, hosts)).toBe(true));

  it.each([
    'http://chat.example.com/emea/',
    'https://eu.chat.example.com/',
    'https://chat.example.com.evil.example/',
    'https://chat.example.com./',
    'https://evil.example/chat.example.com',
    'https://chat.example.com@evil.example/',
    'https://user@chat.example.com/',
    'https://evil.example/#chat.example.com',
    'https://bots.example.org/',
    'https://.bots.example.org/',
    'https://evilbots.example.org/',
    'http://a.bots.example.org/',
    'http://127.0.0.2/',
    'http://localhost/',
    'ftp://chat.example.com/',
    'chat.example.com',
    '',
  ])('%s is at none', (url) => expect(isUrlAt(url, hosts)).toBe(false));

  it('where none is listed, no URL is', () => expect(isUrlAt('https://chat.example.com/', [])).toBe(false));
});
