import { defineStore } from 'pinia'
import { ref } from 'vue'

/** What was typed into the form of a new training; it stays while another page is shown. */
export const useTrainingStore = defineStore('training', () => {
  const name = ref('')
  const model = ref('')
  const method = ref<'sft' | 'dpo' | 'sft-dpo'>('sft')
  const exports = ref<string[]>([])
  const lora = ref(false)
  const merge = ref(false)
  const options = ref<Record<string, string>>({})

  return { name, model, method, exports, lora, merge, options }
})
