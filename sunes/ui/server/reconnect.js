// A page that has lost its server finds it again by itself, but Streamlit doesn't run it then: were it another process
// that answers, or the same one anew, the first click would only draw the page and do nothing. So the page is asked for
// again, as when one goes back to it: by its address. Not by all who lost the server in the same moment at once.
{
  let known = false
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given)
      this.addEventListener("open", () => {
        if (known) setTimeout(() => window.dispatchEvent(new PopStateEvent("popstate")), 1000 * Math.random())
        known = true
      })
    }
  }
}
