// Having a repository indexed.

function wireIndexing() {
  byId("index-form").addEventListener("submit", askForIndex);
  byId("repository-filter").addEventListener("input", filterRepositories);
  byId("look-again").addEventListener("click", () => listRepositories({ fresh: true }));
  const base = new URL(".", location.href).href.replace(/\/$/, "");
  setText(byId("first-curl"), [
    `curl ${base}/index \\`,
    "  -H 'Authorization: Bearer '\"$KOTADB_API_KEY\" \\",
    "  -H 'Content-Type: application/json' \\",
    "  -d '{\"repository\": \"owner/name\"}'",
  ].join("\n"));
}

async function askForIndex(event) {
  event.preventDefault();
  const repository = byId("index-repository").value.trim();
  const ref = byId("index-ref").value.trim();
  const submit = event.target.querySelector("[type=submit]");
  submit.disabled = true;
  byId("index-trouble").replaceChildren();
  try {
    const made = await api.post("index", ref ? { repository, ref } : { repository });
    notice(made.deduplicated ? "A job for this is there already." : `${printable(repository)} will be indexed.`);
    byId("index-form").reset();
    await listRepositories({ fresh: true });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 401) return lock(sentenceOf(error));
    byId("index-trouble").replaceChildren(element("p", { class: "wrong", role: "alert" }, sentenceOf(error)));
    byId("index-repository").focus();
  } finally {
    submit.disabled = false;
  }
}
