/* Links of class gw-soft move within the app without loading it anew, as Streamlit's own navigation does:
   it listens to popstate. Where this script does not run, they are ordinary links. */
if (!window.groundwatchLinks) {
  window.groundwatchLinks = true;
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a.gw-soft");
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented) return;
    event.preventDefault();
    history.pushState({}, "", link.href);
    window.dispatchEvent(new PopStateEvent("popstate"));
  });
}
