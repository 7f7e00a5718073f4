import { defineProvider, fileSetting } from '@sorcha/service-kit';
import { openFileWormStore } from './open-file-worm-store.ts';

/** Lets a configuration say `"cold": { "provider": "files", "folder": "…" }`. */
export const fileProvider = defineProvider({
  port: 'worm',
  name: 'files',
  settings: { folder: fileSetting('the path of a folder; it is made when it is absent') },
  blame: () => 'folder',
  open:
    ({ folder }) =>
    async (definition) =>
      openFileWormStore({ folder, definition }),
});
