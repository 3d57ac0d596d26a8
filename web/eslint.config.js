import { defineConfigWithVueTs, vueTsConfigs } from '@vue/eslint-config-typescript'
import prettier from 'eslint-config-prettier'
import pluginVue from 'eslint-plugin-vue'
import pluginA11y from 'eslint-plugin-vuejs-accessibility'
import { globalIgnores } from 'eslint/config'

/** The layers, lowest first. A layer imports from those below it, never from those above. */
const LAYERS = ['client', 'stores', 'composables', 'components', 'views', 'router']

const layerRules = LAYERS.map((layer, level) => {
  const above = LAYERS.slice(level + 1)
  return {
    name: `corrigenda/layer-${layer}`,
    files: [`src/${layer}/**/*.{ts,vue}`],
    ignores: ['src/**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['../*'],
              message: 'Import from another folder as `@/folder/name`.',
            },
            {
              group: [...above.flatMap((name) => [`@/${name}`, `@/${name}/*`]), '@/App.vue'],
              message: `\`${layer}\` imports only from: ${LAYERS.slice(0, level + 1).join(', ')}.`,
            },
          ],
        },
      ],
    },
  }
})

export default defineConfigWithVueTs(
  globalIgnores(['coverage/', 'node_modules/', 'src/client/schema.d.ts']),
  pluginVue.configs['flat/recommended'],
  pluginA11y.configs['flat/recommended'],
  vueTsConfigs.strict,
  ...layerRules,
  {
    name: 'corrigenda/rules',
    rules: {
      'max-lines': ['error', { max: 250, skipBlankLines: true }],
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/define-macros-order': 'error',
      'vue/require-default-prop': 'off',
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/no-v-html': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Containers listen for keys and focus that bubble up from the controls in them.
      'vuejs-accessibility/no-static-element-interactions': 'off',
      // A `<label>` that wraps its control needs no `for` beside it.
      'vuejs-accessibility/label-has-for': [
        'error',
        { required: { some: ['nesting', 'id'] }, allowChildren: true },
      ],
    },
  },
  {
    name: 'corrigenda/tests',
    files: ['tests/**/*.ts', 'src/**/*.test.ts'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  prettier,
)
