import { MissingServerError } from '../missing-server.ts';
import { canInstallDebianPackages, installDebianPackages } from './debian-packages.ts';
import { findProgram } from './find-program.ts';

/** A kind of server that tests need. */
export interface ServerRequirement {
  /** As people call it. */
  readonly name: string;
  /** The environment variable with the url of one that runs already. */
  readonly variable: string;
  /** Says, quickly, whether one can be started here. */
  isHere(): boolean;
  /** Gets it, which can take minutes. Fails with {@link MissingServerError} naming what else to do. */
  install(): Promise<void>;
}

/** A server that is a package of Debian. */
export interface DebianServer extends ServerRequirement {
  /** The path of the program. Fails with {@link MissingServerError}. */
  find(): string;
}

/** Describes a server that is a package of Debian. */
export function defineDebianServer(options: {
  readonly name: string;
  readonly variable: string;
  readonly program: string;
  /** Where Debian keeps it when not on `PATH`, as patterns. */
  readonly folders?: readonly string[];
  readonly debianPackage: string;
}): DebianServer {
  const { name, variable, program, folders = [], debianPackage } = options;
  const search = () => (process.platform === 'linux' ? findProgram(program, folders) : undefined);
  const missing = (cause?: unknown) =>
    new MissingServerError(
      name,
      process.platform === 'linux'
        ? `Get it with "apt-get install ${debianPackage}" (or put ${program} on PATH), or set ${variable}.`
        : `The tests start servers on Linux only; set ${variable}.`,
      { cause },
    );
  return {
    name,
    variable,
    isHere: () => search() !== undefined,
    find: () => {
      const path = search();
      if (path === undefined) {
        throw missing();
      }
      return path;
    },
    install: async () => {
      if (!canInstallDebianPackages()) {
        throw missing();
      }
      const isDone = () => search() !== undefined;
      await installDebianPackages([debianPackage], { isDone }).catch((error: unknown) => {
        throw missing(error);
      });
    },
  };
}
