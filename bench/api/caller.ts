/** A client of the API with connections that are kept, and nothing else between it and the socket. */
import { Agent, request } from 'node:http';

export interface Answer {
  status: number;
  text: string;
}

export interface Caller {
  /** @throws if another status than the expected one comes back */
  call(options: { method?: string; path: string; token: string; body?: unknown; expect: number }): Promise<Answer>;
  close(): void;
}

export function createCaller(url: string): Caller {
  const agent = new Agent({ keepAlive: true });
  return {
    async call({ method = 'GET', path, token, body, expect }) {
      const content = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${token}`,
        ...(content === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
      };
      const answer = await send(`${url}/api/v1${path}`, { agent, method, headers }, content);
      if (answer.status === expect) return answer;
      throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 500)}`);
    },
    close: () => agent.destroy(),
  };
}

function send(url: string, options: Parameters<typeof request>[1], content: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(content);
  });
}
