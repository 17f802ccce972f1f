"""Which words of code are commands."""

import pytest

from ingest.knowledge.commands import code_block, commands_in, is_command


def test_the_lines_with_a_prompt_are_the_commands_and_the_rest_is_output() -> None:
    assert commands_in("$ kubectl get po\nNAME READY\nx 1/1\n$ ls") == ("kubectl get po", "ls")


def test_statements_go_on_over_continuations_quotes_here_documents_and_loops() -> None:
    script = (
        "# comment\nkubectl get x \\\n  -n y\ncat <<EOF | kubectl apply -f -\na: b\nEOF\n"
        "for i in 1 2; do\n  echo $i\ndone\necho 'a\nb'\n"
    )

    assert commands_in(script, "bash") == (
        "kubectl get x \\\n  -n y",
        "cat <<EOF | kubectl apply -f -\na: b\nEOF",
        "for i in 1 2; do\n  echo $i\ndone",
        "echo 'a\nb'",
    )


def test_without_a_language_only_known_tools_count() -> None:
    assert commands_in("NAME READY\nkubectl get pods\nfoo bar") == ("kubectl get pods",)


def test_sql_is_cut_at_semicolons() -> None:
    assert commands_in("-- why\nSELECT 1;\nDELETE FROM t\n WHERE x;", "sql") == ("SELECT 1", "DELETE FROM t WHERE x")


def test_configuration_holds_no_commands() -> None:
    assert commands_in("kubectl: x\nrun: make\n", "yaml") == ()


@pytest.mark.parametrize(
    "code", ["kubectl get po", "sudo A=1 systemctl restart x", "DELETE FROM x", "service nginx stop"]
)
def test_a_known_tool_with_arguments_is_a_command(code: str) -> None:
    assert is_command(code)


@pytest.mark.parametrize("code", ["kubectl", "service account", "make = x", "my-service", "SELECT", "", "find: x"])
def test_a_name_or_a_setting_is_no_command(code: str) -> None:
    assert not is_command(code)


def test_a_fence_is_put_away_and_its_language_kept() -> None:
    text = "x\n```bash title=1\nls\n```\n"

    found = code_block(text, 2, len(text) - 1)

    assert (text[found.start : found.end], found.language) == ("ls", "bash")


def test_an_indented_block_is_code_as_it_is() -> None:
    found = code_block("    ls\n", 0, 6)

    assert (found.start, found.end, found.language) == (0, 6, "")
