import { defineDebianServer } from '../install/debian-server.ts';

/** PostgreSQL, which Debian does not put on `PATH`. */
export const postgresRequirement = defineDebianServer({
  name: 'PostgreSQL',
  variable: 'POSTGRES_URL',
  program: 'postgres',
  folders: ['/usr/lib/postgresql/*/bin'],
  debianPackage: 'postgresql',
});
