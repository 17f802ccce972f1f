/* Links of class gw-soft move within the app without loading it anew, as Streamlit's own navigation does:
   it listens to popstate. Where this script does not run, they are ordinary links. */
if (!window.groundwatchLinks) {
  // A chip scrolls the evidence beside the answer; what is being read stays where it is.
  const keepPlace = () => {
    const page = document.querySelector(".stMain");
    const top = page && page.scrollTop;
    if (page) requestAnimationFrame(() => page.scrollTo({ top, behavior: "instant" }));
  };
  window.groundwatchLinks = true;
  document.addEventListener("click", (event) => {
    const chip = event.target.closest && event.target.closest("a.gw-chip");
    if (chip && window.innerWidth > 900) keepPlace();
    const link = event.target.closest && event.target.closest("a.gw-soft");
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented) return;
    event.preventDefault();
    history.pushState({}, "", link.href);
    window.dispatchEvent(new PopStateEvent("popstate"));
  });
}
