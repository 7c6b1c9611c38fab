/** Which methods a path takes, so that another one is answered 405 with `Allow` (RFC 9110, 15.5.6). */
import type { FastifyInstance } from 'fastify';

/** Watches the routes as they come. @returns the methods of the routes that a path fits */
export function watchMethods(fastify: FastifyInstance): (path: string) => string[] {
  const routes: { segments: string[]; methods: string[] }[] = [];
  fastify.addHook('onRoute', ({ url, method }) => {
    routes.push({ segments: url.split('/'), methods: [method].flat() });
  });
  return (path) => {
    const segments = path.split('/');
    const fitting = routes.filter((route) => fits(route.segments, segments));
    return [...new Set(fitting.flatMap(({ methods }) => methods))].toSorted();
  };
}

function fits(route: readonly string[], path: readonly string[]): boolean {
  return route.length === path.length && route.every((each, at) => each.startsWith(':') || each === path[at]);
}
