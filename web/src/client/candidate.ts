import type { CorrectedParts, ToolCall } from './draft'

/** A failure category's name; a workspace may have more than the six built in. */
export type FailureCategory =
  | 'scoring_artifact'
  | 'style_violation'
  | 'partial_answer'
  | 'wrong_answer'
  | 'format_error'
  | 'hallucination'
  | (string & {})

export interface PromptMessage {
  role?: string | null
  /** Text, or a list of parts such as `{type: "text", text: "…"}`. */
  content?: unknown
  tool_calls?: unknown
  [key: string]: unknown
}

/** One wrong answer of one model. Only `id` is certain; what we do not know is kept. */
export interface Candidate {
  id: string
  source?: string | null
  benchmark_run_id?: string | null
  timestamp?: string | null
  status?: string | null
  prompt_messages?: PromptMessage[] | null
  model_response?: string | null
  corrected_response?: string | null
  /** From 0 (wrong) to 1 (right). */
  quality_score?: number | null
  failure_reason?: string | null
  failure_category?: FailureCategory | null
  task_id?: string | null
  task_type?: string | null
  task_name?: string | null
  model_id?: string | null
  model_name?: string | null
  node_id?: string | null
  gpu_id?: number | string | null
  tokens_per_sec?: number | null
  reference_answer?: unknown
  reasoning?: unknown
  /** What the response called. */
  tool_calls?: ToolCall[] | null
  /** The tools on offer, as chat APIs describe them. */
  tools?: unknown
  corrected_parts?: CorrectedParts | null
  [key: string]: unknown
}
