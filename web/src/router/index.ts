import { createRouter, createWebHistory } from 'vue-router'

import CorrectionsView from '@/views/CorrectionsView.vue'

declare module 'vue-router' {
  interface RouteMeta {
    title: string
    /** Reviewers who are not leads can do nothing there. */
    lead?: boolean
    /** Another query shows another part of the same page: it stays where it is scrolled to. */
    keepsPlace?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'review', component: CorrectionsView, meta: { title: 'Review' } },
    {
      path: '/browse',
      name: 'browse',
      component: () => import('@/views/BrowseView.vue'),
      meta: { title: 'Browse' },
    },
    {
      path: '/dashboard',
      name: 'dashboard',
      component: () => import('@/views/DashboardView.vue'),
      meta: { title: 'Dashboard' },
    },
    {
      path: '/settings',
      name: 'settings',
      component: () => import('@/views/SettingsView.vue'),
      meta: { title: 'Settings' },
    },
    {
      path: '/runs',
      name: 'runs',
      component: () => import('@/views/RunsView.vue'),
      meta: { title: 'Runs', lead: true },
    },
    {
      path: '/runs/compare',
      name: 'compare',
      component: () => import('@/views/CompareView.vue'),
      meta: { title: 'Compare two runs', keepsPlace: true },
    },
    {
      path: '/exports',
      name: 'exports',
      component: () => import('@/views/ExportsView.vue'),
      meta: { title: 'Exports', lead: true },
    },
    {
      path: '/exports/:name',
      name: 'export',
      component: () => import('@/views/ExportView.vue'),
      meta: { title: 'Export', lead: true },
    },
    {
      path: '/training',
      name: 'trainings',
      component: () => import('@/views/TrainingsView.vue'),
      meta: { title: 'Training', lead: true },
    },
    {
      path: '/training/:name',
      name: 'training',
      component: () => import('@/views/TrainingView.vue'),
      meta: { title: 'Training', lead: true },
    },
    {
      path: '/jobs',
      name: 'jobs',
      component: () => import('@/views/JobsView.vue'),
      meta: { title: 'Jobs', lead: true },
    },
    {
      path: '/join',
      name: 'join',
      component: () => import('@/views/JoinView.vue'),
      meta: { title: 'Sign in' },
    },
    {
      path: '/:path(.*)*',
      name: 'not-found',
      component: () => import('@/views/NotFoundView.vue'),
      meta: { title: 'Not found' },
    },
  ],
  scrollBehavior(to, from, saved) {
    if (saved) return saved
    if (to.hash) return { el: to.hash }
    return to.meta.keepsPlace && to.path === from.path ? false : { top: 0 }
  },
})

router.afterEach((to) => {
  document.title = `${to.meta.title} · Corrigenda`
})
