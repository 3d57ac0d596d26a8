import { defineStore } from 'pinia'
import { ref } from 'vue'

import { readSetting, writeSetting } from './settings'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const isTheme = (value: unknown): value is Theme => THEMES.some((theme) => theme === value)

/** Light, dark, or as the system says. `public/theme.js` applies the choice before the first paint. */
export const useThemeStore = defineStore('theme', () => {
  const stored = readSetting('theme')
  const theme = ref<Theme>(isTheme(stored) ? stored : 'system')

  function choose(to: Theme): void {
    theme.value = to
    writeSetting('theme', to === 'system' ? null : to)
    if (to === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = to
  }

  return { theme, choose }
})
