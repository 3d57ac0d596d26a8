/** The form that starts a training: what was typed, and what is sent. */
import { ApiError } from '@/client/errors'
import type { Method, TrainingRequest, TrainOptions } from '@/client/training'

export interface TrainingDraft {
  /** Empty: the proposed one. */
  name: string
  model: string
  method: Method
  /** All that were ticked, also those that another method would need. */
  exports: readonly string[]
  lora: boolean
  merge: boolean
  /** As typed, by the names below; what is empty the server chooses. */
  options: Readonly<Record<string, string>>
}

export interface OptionField {
  name: string
  label: string
  hint?: string
  /** What the server takes where nothing is typed. */
  plain: (draft: TrainingDraft) => string
}

const always = (value: string) => (): string => value
const rateOf =
  (full: string, adapters: string) =>
  ({ lora }: TrainingDraft): string =>
    lora ? adapters : full
const prefers = ({ method }: TrainingDraft): boolean => method !== 'sft'
const supervises = ({ method }: TrainingDraft): boolean => method !== 'dpo'

const EPOCHS = { name: 'epochs', label: 'Epochs', plain: always('3') }
const RATE = {
  name: 'learning_rate',
  label: 'Learning rate',
  plain: rateOf('2e-5', '2e-4'),
}
const DPO_RATE = {
  name: 'dpo_learning_rate',
  label: 'Learning rate of DPO',
  plain: rateOf('1e-6', '1e-5'),
}
const SEED = {
  name: 'seed',
  label: 'Seed',
  hint: 'the same seed and data give the same weights',
  plain: always('0'),
}

/** Those that are looked at most. */
export const firstFields = (draft: TrainingDraft): OptionField[] => [
  EPOCHS,
  ...(supervises(draft) ? [RATE] : []),
  ...(prefers(draft) ? [DPO_RATE] : []),
  SEED,
]

/** Those that are folded. */
export const furtherFields = (draft: TrainingDraft): OptionField[] => [
  {
    name: 'max_steps',
    label: 'Steps in each stage',
    hint: 'in place of epochs',
    plain: always('by epochs'),
  },
  { name: 'batch_size', label: 'Rows in a step', plain: always('16') },
  {
    name: 'max_length',
    label: 'Longest row, in tokens',
    hint: 'a longer one is refused before the first step',
    plain: always('2048'),
  },
  { name: 'warmup', label: 'Share of steps for warm-up', plain: always('0.03') },
  ...(prefers(draft)
    ? [
        {
          name: 'beta',
          label: 'Beta of DPO',
          hint: 'how strongly it is held to the model before',
          plain: always('0.1'),
        },
        { name: 'sft_weight', label: 'Weight of the supervised term', plain: always('1') },
        { name: 'replay_weight', label: 'Weight of replayed passes', plain: always('1') },
      ]
    : []),
  ...(draft.lora
    ? [
        { name: 'lora.r', label: 'Rank of the adapters', plain: always('16') },
        { name: 'lora.alpha', label: 'Alpha of the adapters', plain: always('32') },
        { name: 'lora.dropout', label: 'Dropout of the adapters', plain: always('0') },
      ]
    : []),
]

/** `Learning rate of DPO`; an option that the form has not is called by its name. */
export function optionLabel(name: string): string {
  const everything: TrainingDraft = { ...EMPTY, method: 'sft-dpo', lora: true }
  const fields = [...firstFields(everything), ...furtherFields(everything)]
  const words = name.replaceAll('_', ' ').replace(/^lora$/, 'LoRA')
  return (
    fields.find((field) => field.name === name)?.label ??
    words.charAt(0).toUpperCase() + words.slice(1)
  )
}

const EMPTY: TrainingDraft = {
  name: '',
  model: '',
  method: 'sft',
  exports: [],
  lora: false,
  merge: false,
  options: {},
}

const LORA = 'lora.'

/** What was typed into a field that is shown, and is no number. */
export function wrongFields(draft: TrainingDraft): string[] {
  const shown = [...firstFields(draft), ...furtherFields(draft)]
  return shown
    .map(({ name }) => name)
    .filter((name) => Number.isNaN(Number(draft.options[name]?.trim() || 0)))
}

/** The options of the fields that are shown: those of another method stay in the draft. */
export function optionsOf(draft: TrainingDraft): TrainOptions {
  const options: Record<string, unknown> = {}
  const adapters: Record<string, number> = {}
  for (const { name } of [...firstFields(draft), ...furtherFields(draft)]) {
    const typed = draft.options[name]?.trim()
    if (!typed) continue
    if (name.startsWith(LORA)) adapters[name.slice(LORA.length)] = Number(typed)
    else options[name] = Number(typed)
  }
  if (draft.lora) options.lora = adapters
  if (draft.lora && draft.merge) options.merge = true
  return options
}

export interface Fitting {
  name: string
  format: string
}

export function requestOf(
  draft: TrainingDraft,
  proposed: string,
  needs: readonly string[],
  made: readonly Fitting[],
): TrainingRequest {
  const fits = made.filter(
    ({ name, format }) => draft.exports.includes(name) && needs.includes(format),
  )
  return {
    name: draft.name.trim() || proposed,
    model: draft.model,
    method: draft.method,
    exports: fits.map(({ name }) => name),
    options: optionsOf(draft),
  }
}

/** The option that the server has refused, if it names one. */
export function refusedField(error: unknown): string | null {
  if (!(error instanceof ApiError)) return null
  const [first] = Array.isArray(error.extras.errors) ? error.extras.errors : []
  const place = String((first as { field?: unknown } | undefined)?.field ?? '')
  if (place) return place.replace(/^options\./, '')
  return error.detail.match(/`([a-z_.]+)`/)?.[1] ?? null
}
