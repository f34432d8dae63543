"""``epochlog completion``: print the script that makes a shell complete commands and run names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from epochlog.cli.options import command
from epochlog.cli.screen import write

VARIABLE = "_EPOCHLOG_COMPLETE"
HOW = {
    "bash": 'eval "$(epochlog completion bash)"   # in ~/.bashrc',
    "zsh": 'eval "$(epochlog completion zsh)"   # in ~/.zshrc, after compinit',
    "fish": "epochlog completion fish > ~/.config/fish/completions/epochlog.fish",
}


HELP = "Print the completion script of a shell.\n\n\b\n" + "\n".join(
    f"{shell:<4}  {line}" for shell, line in HOW.items()
)


@command("completion", help=HELP)
@click.argument("shell", type=click.Choice(sorted(HOW)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    found = get_completion_class(shell)
    assert found is not None
    root = context.find_root().command
    write(f"# {HOW[shell]}\n{found(root, {}, 'epochlog', VARIABLE).source()}")
