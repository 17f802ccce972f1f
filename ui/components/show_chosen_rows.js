/* Marks the citations whose rows are open; where these lie over the citation that was chosen, brings it above them. */
setTimeout(() => {
  const open = document.querySelector(".gw-rows-chosen .gw-num");
  for (const chip of document.querySelectorAll("a.gw-chip[data-n]")) {
    if (open && chip.dataset.n === open.innerText.trim()) chip.setAttribute("aria-current", "true");
    else chip.removeAttribute("aria-current");
  }
  const chosen = document.activeElement;
  if (!open || window.innerWidth > 900 || !chosen.matches("a.gw-chip[data-n]")) return;
  const top = open.closest('[data-testid="stColumn"]').getBoundingClientRect().top;
  if (chosen.getBoundingClientRect().bottom > top) chosen.scrollIntoView({ block: "start" });
}, 150);
