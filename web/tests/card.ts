import { mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'

import SftCard from '@/components/SftCard.vue'

import { PlainEditor, settle } from './flow'
import { candidate } from './helpers'

export type CardProps = InstanceType<typeof SftCard>['$props']

/** A card on its own, with the plain editor. */
export function card(props: Partial<CardProps> = {}, options: object = {}): VueWrapper {
  return mount(SftCard, {
    props: { item: candidate(), correcting: false, ...props },
    attachTo: document.body,
    global: { stubs: { SftCorrectionArea: PlainEditor, SiblingsPanel: true } },
    ...options,
  })
}

/** A card whose editor has opened. */
export async function correctingCard(
  props: Partial<CardProps> = {},
  options: object = {},
): Promise<VueWrapper> {
  await import('@/components/SftCorrectionArea.vue')
  const wrapper = card({ correcting: true, ...props }, options)
  await settle()
  return wrapper
}

export const activeChips = (wrapper: VueWrapper): (string | undefined)[] =>
  wrapper.findAll('.category-chip--active').map((chip) => chip.attributes('data-testid'))
