/** Where the configuration is: as said, else `$ELEVATE_CONFIG`, else `./elevate.yaml`. */
export function configPath(
  said: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return said ?? env['ELEVATE_CONFIG'] ?? './elevate.yaml';
}
