export { urlProblem } from '../core/urls.ts';
