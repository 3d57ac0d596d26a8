// First, so that a component's own rules come after them.
import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'

import { createPinia } from 'pinia'
import { createApp } from 'vue'

import App from './App.vue'
import { router } from './router'

createApp(App).use(createPinia()).use(router).mount('#app')
