import type { Candidate } from '@/client/candidate'
import type { CorrectedParts, StartFrom } from '@/client/draft'
import type { Sibling } from '@/client/finding'

import { partsOf, sourceOf } from './correctionSource'
import type { CorrectionSource } from './correctionSource'
import { splitReasoning } from './reasoning'
import { toolCallsOf } from './toolCalls'
import { textOf } from './values'

/** A text that a correction may begin with. */
export interface Beginning {
  from: StartFrom
  /** `passing: tutor-13b` */
  label: string
  /** `A passing answer of tutor-13b` */
  title: string
  text: string
  parts: CorrectedParts
}

/** In the order of their keys, Alt+1 to Alt+5. */
export const STARTS: readonly StartFrom[] = ['response', 'reference', 'sibling', 'earlier', 'empty']

/** What there is to begin with. Several of one kind are taken in turn. */
export function beginningsOf(
  item: Candidate,
  turn: number | undefined,
  siblings: readonly Sibling[],
): Beginning[] {
  const source = sourceOf(item, turn)
  const turnOnly: CorrectedParts = turn === undefined ? {} : { turn }
  const response: Beginning = {
    from: 'response',
    label: turn === undefined ? 'response' : 'marked turn',
    title: turn === undefined ? 'The model’s response' : 'The turn that is marked as wrong',
    text: source.text,
    parts: partsOf(source, turn),
  }
  const empty: Beginning = {
    from: 'empty',
    label: 'nothing',
    title: 'An empty page',
    text: '',
    parts: turnOnly,
  }
  return [
    response,
    ...answers(item, turn, siblings, source),
    ...earlier(item, turn, siblings),
    empty,
  ]
}

/** Right answers to the whole prompt; they say nothing about a turn in the middle of it. */
function answers(
  item: Candidate,
  turn: number | undefined,
  siblings: readonly Sibling[],
  source: CorrectionSource,
): Beginning[] {
  if (turn !== undefined) return []
  const reference = textOf(item.reference_answer)
  const passing = siblings.filter(({ kind }) => kind === 'pass').map((one) => passed(one, source))
  return [
    {
      from: 'reference' as const,
      label: 'reference',
      title: 'The reference answer',
      text: reference,
      parts: {},
    },
    ...passing,
  ].filter(hasContent)
}

/** A passing answer brings the reasoning that led to it, where this candidate has any. */
function passed(sibling: Sibling, source: CorrectionSource): Beginning {
  const { reasoning, answer } = splitReasoning(textOf(sibling.model_response))
  const thought = (typeof sibling.reasoning === 'string' && sibling.reasoning.trim()) || reasoning
  const calls = toolCallsOf(sibling.tool_calls)
  return {
    from: 'sibling',
    ...named('passing', 'A passing answer', sibling),
    text: answer,
    parts: {
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
      ...(source.reasoning !== null && thought
        ? { reasoning: 'rewrite', reasoning_text: thought }
        : {}),
    },
  }
}

/** Corrections of this candidate or its siblings, of the same turn. */
function earlier(
  item: Candidate,
  turn: number | undefined,
  siblings: readonly Sibling[],
): Beginning[] {
  const own = {
    model_name: null,
    corrected_response: item.corrected_response,
    corrected_parts: item.corrected_parts,
  }
  return [own, ...siblings.filter(({ kind }) => kind === 'candidate')]
    .filter((one) => (one.corrected_parts?.turn ?? undefined) === turn)
    .map((one) => ({
      from: 'earlier' as const,
      ...named('earlier', 'An earlier correction', one),
      text: textOf(one.corrected_response),
      parts: one.corrected_parts ?? {},
    }))
    .filter(hasContent)
}

/** The beginning that a sibling chosen by hand gives: its correction, else its passing answer. */
export function beginningOf(
  item: Candidate,
  turn: number | undefined,
  sibling: Sibling,
): Beginning | undefined {
  const [corrected] = earlier({ id: item.id }, turn, [{ ...sibling, kind: 'candidate' }])
  return corrected ?? answers({ id: item.id }, turn, [sibling], sourceOf(item, turn))[0]
}

const hasContent = ({ text, parts }: Beginning): boolean =>
  text.trim() !== '' || Boolean(parts.tool_calls?.length)

function named(
  word: string,
  title: string,
  { model_name: model }: { model_name?: unknown },
): Pick<Beginning, 'label' | 'title'> {
  if (typeof model !== 'string' || !model) return { label: word, title }
  return { label: `${word}: ${model}`, title: `${title} of ${model}` }
}
