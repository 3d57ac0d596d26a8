/** What the page of two compared runs is tested with. */
import type { Comparison, Figures, PromptPair, PromptRow } from '@/client/comparing'

const rate = (share: number) => ({ share, low: share - 0.02, high: share + 0.02 })

export function figuresOf(overrides: Partial<Figures> = {}): Figures {
  return {
    n: 1319,
    fixed: 260,
    same_failure: 61,
    different_failure: 712,
    regressed: 88,
    kept: 198,
    flaky: 0,
    rates: {
      fixed_rate: rate(0.25),
      same_failure_rate: rate(0.06),
      different_failure_rate: rate(0.69),
      regressed_rate: rate(0.31),
      kept_rate: rate(0.69),
      flaky_rate: rate(0),
      pass_rate_a: rate(0.22),
      pass_rate_b: rate(0.35),
    },
    difference: { share: 0.13, low: 0.103, high: 0.157 },
    mcnemar: { exact_p: 7.5e-21, mid_p: 5e-21 },
    ...overrides,
  }
}

export function comparisonOf(overrides: Partial<Comparison> = {}): Comparison {
  const run = { models: ['m'], without_prompt: 0, artifacts: 0, undecided: 0 }
  return {
    a: { run_id: 'before', candidates: 1033, passes: 286, ...run },
    b: { run_id: 'after', candidates: 861, passes: 458, ...run },
    trained: null,
    n: 1319,
    only_a: 0,
    only_b: 0,
    contaminated: 0,
    remarks: [],
    raw: { total: figuresOf() },
    adjusted: { total: figuresOf() },
    ...overrides,
  }
}

export function promptOf(key: string, overrides: Partial<PromptRow> = {}): PromptRow {
  return {
    prompt_key: key,
    outcome: 'fixed',
    adjusted_outcome: 'fixed',
    split: 'neither',
    contaminated: null,
    category: null,
    task_type: 'math',
    task: 'gsm8k',
    a: { candidates: [`a-${key}`], passes: [] },
    b: { candidates: [], passes: [`b-${key}`] },
    excerpt: `The question of ${key}?`,
    ...overrides,
  }
}

export function pairOf(key: string): PromptPair {
  const answer = {
    artifact: false,
    model_name: 'tutor-3b',
    model_id: null,
    quality_score: null,
    reasoning: null,
    tool_calls: null,
    failure_reason: null,
    failure_category: null,
    corrected_response: null,
    decided_by: null,
    decided_at: null,
  }
  const { excerpt, ...told } = promptOf(key)
  return {
    ...told,
    prompt_messages: [{ role: 'user', content: excerpt }],
    reference_answer: '18',
    a: {
      answers: [
        {
          ...answer,
          id: `a-${key}`,
          right: false,
          status: 'needs_review',
          model_response: 'It is 26.',
        },
      ],
      n: 1,
    },
    b: {
      answers: [
        { ...answer, id: `b-${key}`, right: true, status: null, model_response: 'It is 18.' },
      ],
      n: 1,
    },
  }
}
