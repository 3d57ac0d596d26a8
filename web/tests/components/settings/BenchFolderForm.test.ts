import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import { ApiError } from '@/client/errors'
import BenchFolderForm from '@/components/settings/BenchFolderForm.vue'

describe('BenchFolderForm', () => {
  const config = { bench_results_dir: '/srv/bench', roots: ['/srv'] }

  it('shows the folder and saves another', async () => {
    const wrapper = mount(BenchFolderForm, { props: { config, error: null, busy: false } })
    const button = wrapper.find('[data-testid="save-folder-btn"]')
    expect(wrapper.find('input').element.value).toBe('/srv/bench')
    expect(button.attributes('disabled')).toBeDefined()
    await wrapper.find('input').setValue(' /srv/other ')
    expect(button.attributes('disabled')).toBeUndefined()
    await wrapper.find('form').trigger('submit')
    expect(wrapper.emitted('save')).toEqual([['/srv/other']])
  })

  it('keeps what was typed beside the error', async () => {
    const wrapper = mount(BenchFolderForm, { props: { config, error: null, busy: false } })
    await wrapper.find('input').setValue('/etc')
    await wrapper.setProps({ error: new ApiError(422, 'config_error', 'Outside the roots.') })
    expect(wrapper.find('[role="alert"]').text()).toContain('Outside the roots.')
    expect(wrapper.find('input').attributes('aria-invalid')).toBe('true')
    expect(wrapper.find('input').element.value).toBe('/etc')
  })
})
