/** Files as a person gives them to the page: chosen, or dropped, alone or in folders. */
import type { Given } from '../../worker/protocol';

/** How deep folders are looked into, and how many files are taken at most: the core refuses fewer in a sentence. */
const DEPTH = 8;
const MOST = 102_000;

/** Files chosen in the browser's own dialogue. */
export function chosen(files: readonly File[]): Given {
  const [folder] = files[0]?.webkitRelativePath.split('/') ?? [];
  // What is in a folder is named as if it had been chosen by itself.
  if (folder)
    return {
      name: folder,
      files: files.map((file) => ({ path: file.webkitRelativePath.slice(folder.length + 1), file })),
    };
  return { name: 'what was chosen', files: files.map((file) => ({ path: file.name, file })) };
}

/**
 * Files and folders dropped on the page. A folder is read with all that is below it. Must be called while the event is under
 * way: afterwards the browser has forgotten what was dropped.
 */
export async function dropped(transfer: DataTransfer | null): Promise<Given> {
  const items = [...(transfer?.items ?? [])]
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry?.() ?? undefined, file: item.getAsFile() }));
  const [only] = items;
  const files: Given['files'] = [];
  // What lies in the only folder is named as if it had been dropped by itself.
  if (only?.entry?.isDirectory && items.length === 1) {
    await walk(only.entry as FileSystemDirectoryEntry, '', DEPTH, files);
    return { name: only.entry.name, files };
  }
  for (const { entry, file } of items) {
    if (entry?.isDirectory) await walk(entry as FileSystemDirectoryEntry, `${entry.name}/`, DEPTH, files);
    else if (file) files.push({ path: file.name, file });
  }
  return { name: 'what was dropped', files };
}

/** Adds the files of a folder and of those in it. */
async function walk(folder: FileSystemDirectoryEntry, within: string, depth: number, files: Given['files']) {
  const reader = folder.createReader();
  try {
    // A browser tells a hundred at a time, and nothing at the end.
    for (;;) {
      const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (entries.length === 0) return;
      for (const entry of entries) {
        if (files.length >= MOST) return;
        const path = within + entry.name;
        if (entry.isFile) files.push(await fileOf(entry as FileSystemFileEntry, path));
        else if (depth > 0) {
          files.push({ path: `${path}/`, why: 'It is a folder.' });
          await walk(entry as FileSystemDirectoryEntry, `${path}/`, depth - 1, files);
        }
      }
    }
  } catch (failure) {
    files.push({ path: within || folder.name, why: (failure as Error).message });
  }
}

async function fileOf(entry: FileSystemFileEntry, path: string): Promise<Given['files'][number]> {
  try {
    return { path, file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)) };
  } catch (failure) {
    return { path, why: (failure as Error).message };
  }
}
