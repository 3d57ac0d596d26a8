/** A manifest as people read it. */
import type { Manifest } from '@/client/exports'
import { formatCount, plural } from '@/composables/format'

import { countedReason } from './exportWords'
import { keyWords, recipeValue } from './optionWords'

export interface Fact {
  name: string
  words: string
}

/** What was chosen; what a recipe does not say is as in one that says nothing. */
export function recipeFacts({ recipe }: Pick<Manifest, 'recipe'>): Fact[] {
  return Object.entries(recipe).map(([key, value]) => ({
    name: keyWords(key),
    words: recipeValue(key, value),
  }))
}

/** What else there is to know of it. */
export function otherFacts(manifest: Manifest): Fact[] {
  const { tool, tokenizer, runs = [], protected: sets = [], contaminated } = manifest
  const licenses = [...new Set(runs.flatMap((run) => run.licenses))]
  const facts: (Fact | false)[] = [
    !!contaminated && {
      name: 'Contaminated',
      words: `${plural(contaminated.rows, 'row')} of ${contaminated.sets.join(', ')}`,
    },
    sets.length > 0 && {
      name: 'Kept out',
      words: sets.map((set) => `${set.name} (${plural(set.prompts, 'prompt')})`).join(', '),
    },
    runs.length > 0 && {
      name: 'Runs',
      words: runs.map((run) => `${run.run_id ?? 'no run'} (${formatCount(run.rows)})`).join(', '),
    },
    runs.length > 0 && { name: 'Licences', words: licenses.join(', ') || 'none is named' },
    !!tokenizer && { name: 'Tokenizer', words: tokenizer.name },
    !!tool && { name: 'Made with', words: `${tool.name} ${tool.version}` },
  ]
  return facts.filter((fact) => fact !== false)
}

export const leftOutInWords = ({ left_out: leftOut = {} }: Manifest): string =>
  Object.entries(leftOut)
    .filter(([, n]) => n > 0)
    .map(([reason, n]) => `${formatCount(n)} ${countedReason(reason, n)}`)
    .join(', ')

const MEANINGS: Readonly<Record<string, string>> = {
  'manifest.json': 'what went in, to make it again',
  'README.md': 'a dataset card',
  'rows.jsonl': 'where each row comes from',
  'left_out.jsonl': 'what is not in it, and why',
  'dataset_info.json': 'for LLaMA-Factory',
}

export const fileMeaning = (name: string): string => MEANINGS[name] ?? ''
