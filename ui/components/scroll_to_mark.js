/* Brings the marked line of a document into view once its text stands on the page. */
requestAnimationFrame(() => {
  const line = document.querySelector(".gw-document .gw-hit");
  if (line) line.scrollIntoView({ block: "center" });
});
