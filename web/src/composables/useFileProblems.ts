import { shallowRef } from 'vue'
import type { Ref } from 'vue'

import { getWorkspace } from '@/client/api'

import type { FileProblem } from './fileProblems'

export interface UseFileProblemsReturn {
  problems: Readonly<Ref<readonly FileProblem[]>>
  load: () => Promise<void>
}

/** What is wrong in the workspace's own files, as the server sees them now. */
export function useFileProblems(): UseFileProblemsReturn {
  const problems = shallowRef<readonly FileProblem[]>([])

  /** A hint that cannot be had is no error of the page. */
  async function load(): Promise<void> {
    const { problems: found = [] } = await getWorkspace().catch(() => ({ problems: [] }))
    problems.value = found
  }

  return { problems, load }
}
