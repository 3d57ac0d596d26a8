import type { Category } from '@/client/api'

const COLORS = {
  scoring_artifact: 'grey',
  style_violation: 'violet',
  partial_answer: 'ochre',
  wrong_answer: 'blue',
  format_error: 'teal',
  hallucination: 'plum',
} as const

const builtIn = (
  name: keyof typeof COLORS,
  label: string,
  definition: string,
  example: string,
): Category => ({
  name,
  label,
  definition,
  example,
  color: COLORS[name],
  key: null,
  built_in: true,
})

/** The six failure categories that every workspace has; the position is the key. */
export const BUILT_IN_CATEGORIES: readonly Category[] = [
  builtIn(
    'scoring_artifact',
    'Scoring artifact',
    'The answer is fine; the scorer was wrong to fail it.',
    '“18.00” was expected to be “18”.',
  ),
  builtIn(
    'style_violation',
    'Style violation',
    'Right in substance, but not in the tone, length or language asked for.',
    'Two paragraphs where one sentence was asked for.',
  ),
  builtIn(
    'partial_answer',
    'Partial answer',
    'What is there is right, but something asked for is missing.',
    'Two of the three requested examples.',
  ),
  builtIn(
    'wrong_answer',
    'Wrong answer',
    'The result or the reasoning is false.',
    '26 where 18 is right.',
  ),
  builtIn(
    'format_error',
    'Format error',
    'The content is right, but the required format was not kept.',
    'JSON inside a Markdown fence where bare JSON was asked for.',
  ),
  builtIn(
    'hallucination',
    'Hallucination',
    'States as fact something that is made up.',
    'Cites a paper that does not exist.',
  ),
]
