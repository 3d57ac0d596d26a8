import { onMounted, onUnmounted, ref } from 'vue'
import type { Ref } from 'vue'

export interface UseFileDropOptions {
  onFiles: (files: File[]) => void
  /** Told when something was dropped that is a folder, by its name. */
  onFolder: (name: string) => void
}

export interface UseFileDropReturn {
  /** Files are being held over the page. */
  over: Readonly<Ref<boolean>>
}

/** The whole page takes files that are dropped on it; text and links are dropped as ever. */
export function useFileDrop({ onFiles, onFolder }: UseFileDropOptions): UseFileDropReturn {
  const over = ref(false)

  function onDragover(event: DragEvent): void {
    if (!holdsFiles(event)) return
    // Without this the browser would leave the page and open the file.
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
    over.value = true
  }

  function onDragleave(event: DragEvent): void {
    // Moving on to another element of the page leaves the one before; only null leaves the page.
    if (event.relatedTarget === null) over.value = false
  }

  function onDrop(event: DragEvent): void {
    over.value = false
    if (!holdsFiles(event)) return
    event.preventDefault()
    const { files, folders } = contentOf(event.dataTransfer)
    if (files.length) onFiles(files)
    folders.forEach(onFolder)
  }

  const listeners = { dragenter: onDragover, dragover: onDragover, dragleave: onDragleave }
  onMounted(() => {
    for (const [name, listener] of Object.entries(listeners)) {
      window.addEventListener(name, listener as EventListener)
    }
    window.addEventListener('drop', onDrop)
  })
  onUnmounted(() => {
    for (const [name, listener] of Object.entries(listeners)) {
      window.removeEventListener(name, listener as EventListener)
    }
    window.removeEventListener('drop', onDrop)
  })

  return { over }
}

function holdsFiles({ dataTransfer }: DragEvent): boolean {
  return [...(dataTransfer?.types ?? [])].includes('Files')
}

/** Files and folders apart; a folder cannot be read as a file. */
function contentOf(transfer: DataTransfer | null): { files: File[]; folders: string[] } {
  const folders = [...(transfer?.items ?? [])]
    .map((item) => (item.kind === 'file' ? item.webkitGetAsEntry?.() : null))
    .filter((entry) => entry?.isDirectory)
    .map((entry) => entry?.name ?? '')
  const files = [...(transfer?.files ?? [])].filter(({ name }) => !folders.includes(name))
  return { files, folders }
}
