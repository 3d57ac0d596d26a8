import { vi } from 'vitest'
import { defineComponent, h, ref } from 'vue'

/**
 * Stands in for the editor, which needs a real browser's layout: a plain text area with the same
 * name, description and test id.
 *
 *     vi.mock('@/components/TextEditor.vue', () => plainEditor())
 */
export function plainEditor(): { default: object } {
  return {
    default: defineComponent({
      name: 'TextEditor',
      props: {
        modelValue: { type: String, required: true },
        label: { type: String, required: true },
        description: { type: String, default: '' },
        placeholder: { type: String, default: '' },
        code: Boolean,
        tabs: Boolean,
        invalid: Boolean,
        lines: { type: Array, default: () => [5, 24] },
        testid: { type: String, default: 'correction-text' },
      },
      emits: ['update:modelValue'],
      setup(props, { emit, expose }) {
        const area = ref<HTMLTextAreaElement>()
        expose({ focus: () => area.value?.focus(), toStart: vi.fn() })
        return () =>
          h('textarea', {
            ref: area,
            value: props.modelValue,
            placeholder: props.placeholder,
            'aria-label': props.label,
            'aria-description': props.description,
            'aria-invalid': props.invalid,
            'data-testid': props.testid,
            onInput: (event: Event) =>
              emit('update:modelValue', (event.target as HTMLTextAreaElement).value),
          })
      },
    }),
  }
}
