/** Packages that only those have installed who need them. */
import { HostError } from '@chipmunk-host/runtime/internal/shared';

const UNPACKED_BY: Readonly<Record<string, string>> = { bzip2: 'bzcat', xz: 'xzcat' };

/**
 * @param format that it decompresses
 * @param input name of the input that has it
 * @throws HostError `ERR_SOURCE_OPEN`
 */
export async function optionalPackage<T>(format: string, packageName: string, input: string): Promise<T> {
  try {
    const loaded = (await import(packageName)) as { readonly default: T };
    return loaded.default;
  } catch (cause) {
    const message = `'${input}' is compressed with ${format}, which takes the package ${packageName}: it is not installed.`;
    throw new HostError('ERR_SOURCE_OPEN', message, {
      cause,
      help: `Install it (npm install ${packageName}), or decompress the file first (${UNPACKED_BY[format]}).`,
    });
  }
}
