// A click beside an open menu closes it, of which the server hears after what the click itself asks for. By then it is
// on its way to another page, and goes back to the one where the menu was: a link to a page would lead nowhere. So the
// menu is closed first, and the link is followed then.
window.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-testid=stPageLink-NavLink]")
  const button = document.querySelector("[data-testid=stPopover] [aria-expanded=true]")
  if (!link || !button || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  event.stopImmediatePropagation()
  new MutationObserver((_, observer) => {
    if (document.querySelector("[data-testid=stPopoverBody]")) return
    observer.disconnect()
    setTimeout(() => link.click(), 50)  // the server is told once the menu has gone
  }).observe(document.body, { childList: true, subtree: true })
  button.click()
}, true)
