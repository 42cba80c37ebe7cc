import { join } from 'node:path';
import { folderState } from '../../vault/folder-state.ts';
import { folderVault, prepareFolder } from '../../vault/folder-store.ts';
import { type MemoryObjects, memoryState, memoryVault } from '../../vault/memory-store.ts';
import { storeConformance } from './conformance.ts';
import { scratchFolder } from './scratch.ts';

const newFolder = scratchFolder();

async function folder(): Promise<string> {
  const root = join(await newFolder(), 'store');
  await prepareFolder(root);
  return root;
}

storeConformance({
  name: 'folder',
  newVault: async () => {
    const root = await folder();
    return { store: folderVault(root), again: () => folderVault(root) };
  },
  newState: async () => {
    const root = await folder();
    return { store: folderState(root), again: () => folderState(root) };
  },
});

storeConformance({
  name: 'memory',
  newVault: async () => {
    const objects: MemoryObjects = new Map();
    return { store: memoryVault(objects), again: () => memoryVault(objects) };
  },
  newState: async () => {
    const objects: MemoryObjects = new Map();
    return { store: memoryState(objects), again: () => memoryState(objects) };
  },
  skips: {
    '160 MB go in and out in flat memory': 'it keeps bodies in memory',
  },
});
