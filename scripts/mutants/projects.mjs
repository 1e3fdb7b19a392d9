/** Which TypeScript project a file belongs to: that which has to be built when the file is changed. */
import { dirname, join, relative } from 'node:path';
import { API } from 'typescript/unstable/sync';

/**
 * @param {string} root
 * @param {readonly string[]} files below `root`
 * @returns {ReadonlyMap<string, string>} the folder of each file's project, below `root`; of AssemblyScript there is none
 */
export function projectsOf(root, files) {
  const api = new API({ cwd: root });
  try {
    const snapshot = api.updateSnapshot({ openFiles: files.map((file) => join(root, file)) });
    return new Map(
      files.flatMap((file) => {
        const project = snapshot.getDefaultProjectForFile(join(root, file))?.configFileName;
        return project?.startsWith(root) ? [[file, relative(root, dirname(project))]] : [];
      }),
    );
  } finally {
    api.close();
  }
}
