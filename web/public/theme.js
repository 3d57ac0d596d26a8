// Applies the stored theme before the first paint; a module would run too late.
try {
  const theme = localStorage.getItem('corrigenda.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is switched off: the system's theme applies.
}
