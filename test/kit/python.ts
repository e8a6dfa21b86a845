/** The Python that Debian's packages are for. Another one may come before it in the path, without them. */
import { spawnSync } from 'node:child_process';

export const python = '/usr/bin/python3';

/** Whether it has the modules. */
export function hasPythonModules(...names: readonly string[]): boolean {
  return spawnSync(python, ['-c', `import ${names.join(', ')}`]).status === 0;
}
