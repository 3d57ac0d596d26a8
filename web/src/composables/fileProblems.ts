/** A line of a file that could not be taken. */
export interface FileProblem {
  file: string
  line: number
  field?: string | null
  reason: string
}

/** One problem a line, as compilers write them: `runs.jsonl:12: id: missing`. */
export function problemsAsText(problems: readonly FileProblem[]): string {
  return problems
    .map(
      ({ file, line, field, reason }) => `${file}:${line}: ${field ? `${field}: ` : ''}${reason}`,
    )
    .join('\n')
}
