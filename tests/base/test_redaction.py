"""Facts about ``base/redaction.py``: what is taken out, and above all what is not."""

# ruff: noqa: SIM905 - a text of words is easier to read than a list of literals

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochlog.base.redaction import (
    REDACTED,
    is_secret_key,
    redact_argv,
    redact_env,
    redact_params,
    redact_text,
    redact_url,
    redact_value,
)

SECRET_KEYS = """
    password DB_PASSWORD db.password --db-password passwd userPwd token hf_token HF_TOKEN
    githubToken GITHUB_TOKEN access_token auth_token api_key apiKey OPENAI_API_KEY
    aws_secret_access_key secret client_secret credentials authorization private_key
    ssh.private_key cookie AZURE_STORAGE_CONNECTION_STRING WANDB_API_KEY slack_webhook_url
    bearer sessionToken
""".split()

HARMLESS_KEYS = """
    tokenizer max_tokens num_tokens max_new_tokens pad_token eos_token mask_token token_ids
    token_type_ids token_count tokens author key keys primary_key keyboard n_keys secretary
    authenticity use_auth_token sort_key public_key passes bypass compass learning_rate
    auth_type password_column monkey hotkey_count signature pattern cls_token token_dropout
    add_prefix_token special_token
""".split()

# Made up, in the shape that each issuer gives its keys. Cut in two, so that no scanner stumbles.
SECRET_VALUES = {
    "aws": "AKIA" + "IOSFODNN7EXAMPLE",
    "github": "ghp_" + "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8",
    "github_fine": "github_pat_" + "11ABCDEFG0abcdefghijkl_mnopqrstuv",
    "gitlab": "glpat-" + "abcdefghij0123456789",
    "hugging_face": "hf_" + "abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "openai": "sk-" + "abcdefghijklmnopqrst0123456789ABCDEFGHIJ",
    "openai_project": "sk-proj-" + "abc_def-ghijklmnopqrst0123456789",
    "anthropic": "sk-ant-" + "api03-abcdefghijklmnopqrstuv",
    "stripe": "sk_" + "live_abcdefghijklmnop0123",
    "slack": "xoxb-" + "123456789012-abcdefghijkl",
    "google": "AIza" + "SyA0123456789abcdefghijklmnopqrstuv",
    "npm": "npm_" + "abcdefghijklmnopqrstuvwxyz0123456789",
    "jwt": "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
}


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_secret_keys_are_known(key: str) -> None:
    """A name with the word of a secret in it is secret in any spelling."""
    assert is_secret_key(key)


@pytest.mark.parametrize("key", HARMLESS_KEYS)
def test_harmless_keys_are_left_alone(key: str) -> None:
    """Names from machine learning that only look like secrets are not."""
    assert not is_secret_key(key)


@pytest.mark.parametrize("issuer", SECRET_VALUES)
def test_secret_values_are_taken_out_of_any_text(issuer: str) -> None:
    """A key in the shape of a known issuer goes, whatever it stands under and between."""
    secret = SECRET_VALUES[issuer]

    assert redact_value("comment", secret) == REDACTED
    assert f"used {REDACTED}, twice" == redact_text(f"used {secret}, twice")


@pytest.mark.parametrize(
    "text",
    [
        "3f2a9c0e1b4d5f6a7b8c9d0e1f2a3b4c5d6e7f80",  # git SHA-1
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",  # SHA-256
        "0195f3a2-7c3e-7b1a-9d2e-3f4a5b6c7d8e",  # UUID
        "sk-learn-random-forest-classifier",
        "a basic understanding of gradient boosting",
        "bearer of good news and certificates",
        "https://example.org/data/train.csv?split=train&max_tokens=512",
        "user@example.org",
        "token: see below",
        "MultiHeadAttention(key_dim=64, num_heads=8)",
        "s3://bucket/path@2024/file:name",
        "hf_transfer",
        "keys=(a, b) tokens=512 tokenizer=bert-base-uncased",
    ],
)
def test_harmless_texts_stay_the_same(text: str) -> None:
    """Hashes, names, prose and URLs without secrets are not touched."""
    assert text == redact_text(text)


def test_private_keys_go_as_a_block() -> None:
    """A PEM private key goes with all its lines, also when its end is missing."""
    head, tail = "-----BEGIN RSA PRIVATE " + "KEY-----", "-----END RSA PRIVATE " + "KEY-----"

    assert f"a\n{REDACTED}\nb" == redact_text(f"a\n{head}\nMIIE\nowIB\n{tail}\nb")
    assert f"a\n{REDACTED}" == redact_text(f"a\n{head}\nMIIE\nowIB\n")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://me:pw@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("postgresql://me:p@ss:w0rd@host/db", "postgresql://me:***@host/db"),
        ("https://abcdef@github.com/o/r.git", "https://***@github.com/o/r.git"),
        ("ssh://git@github.com/o/r.git", "ssh://git@github.com/o/r.git"),
        ("git@github.com:o/r.git", "git@github.com:o/r.git"),
        ("https://h/x?a=1&access_token=abc&b=2", "https://h/x?a=1&access_token=***&b=2"),
        ("https://h/x?X-Amz-Signature=abc&v=1", "https://h/x?X-Amz-Signature=***&v=1"),
        ("https://acc.blob.net/c?sv=1&sig=a%2Fb", "https://acc.blob.net/c?sv=1&sig=***"),
        ("sqlite:////data/epochlog.db", "sqlite:////data/epochlog.db"),
        ("http://[bad", "http://[bad"),
    ],
)
def test_urls_lose_their_secrets_only(url: str, expected: str) -> None:
    """Password, token and signature go; host, path and user stay; malformed URLs are no problem."""
    assert expected == redact_url(url)


def test_argv_is_read_like_a_shell_would() -> None:
    """Options with a value beside or behind them, Hydra overrides, URLs and bare keys."""
    given = ["train.py", "--password=x1", "--token", "abc", "--lr", "0.1", "db.password=x", "-v"]
    expected = ["train.py", "--password=***", "--token", "***", "--lr", "0.1", "db.password=***"]

    assert [*expected, "-v"] == redact_argv(given)
    assert redact_argv(["--api-key", "--verbose"]) == ["--api-key", "--verbose"]
    assert redact_argv(["--max-tokens", "512"]) == ["--max-tokens", "512"]
    assert redact_argv(["--store=postgresql://u:p@h/d"]) == ["--store=postgresql://u:***@h/d"]
    assert redact_argv(['{"password": "hunter"}']) == ['{"password": "***"}']


def test_environment_values_go_by_name_and_by_shape() -> None:
    """A variable's name or its value's shape is enough."""
    found = redact_env({"HF_TOKEN": "x", "NOTE": SECRET_VALUES["github"], "RANK": "0", "TOKEN": ""})

    assert found == {"HF_TOKEN": "***", "NOTE": "***", "RANK": "0", "TOKEN": ""}


def test_values_are_read_recursively_and_types_are_kept() -> None:
    """Nested params lose their secrets; numbers, booleans and None stay what they are."""
    given = {
        "lr": 0.1,
        "use_token": True,
        "token": None,
        "max_tokens": 5,
        "db": {"password": "x", "port": 1},
        "urls": ["http://u:p@h", 3],
        "secrets": {"a": "b"},
        "pin_password": 1234,
    }

    found = redact_params(given)

    assert found == {
        "lr": 0.1,
        "use_token": True,
        "token": None,
        "max_tokens": 5,
        "db": {"password": "***", "port": 1},
        "urls": ["http://u:***@h", 3],
        "secrets": {"a": "***"},
        "pin_password": "***",
    }
    assert given["db"]["password"] == "x"  # type: ignore[index]


def test_assignments_in_texts_lose_their_values() -> None:
    """Connection strings, JSON, environment files and headers."""
    assert redact_text("host=x password=hunter port=1") == "host=x password=*** port=1"
    assert redact_text('"api_key": "abc", "n": 1') == '"api_key": "***", "n": 1'
    assert redact_text("Authorization: Bearer abc123def456ghi") == "Authorization: Bearer ***"
    assert redact_text("HF_TOKEN=abc\nA=1\n") == "HF_TOKEN=***\nA=1\n"


def test_source_code_stays_readable() -> None:
    """In code only literals go, not the names and calls on the right-hand side."""
    code = (
        "-token = next(tokens)\n+token = tokenizer.decode(ids)\n self.password = password\n"
        "+api_key = os.environ['API_KEY']\n+login(token=token)\n"
    )

    assert code == redact_text(code, code=True)
    assert redact_text('+password = "hunter2"\n', code=True) == '+password = "***"\n'
    assert redact_text("+API_KEY=abcdef0123456\n", code=True) == "+API_KEY=***\n"


@given(st.text(max_size=300))
def test_any_text_can_be_redacted(text: str) -> None:
    """No text makes redaction fail, and what is redacted stays so."""
    once = redact_text(text)

    assert once == redact_text(once)


@given(
    st.sampled_from(sorted(SECRET_VALUES.values())), st.text(alphabet=" \n,;\"'()=:", max_size=5)
)
def test_secrets_are_found_between_any_punctuation(secret: str, around: str) -> None:
    """What stands around a secret does not hide it."""
    assert secret not in redact_text(f"{around}{secret}{around}")
    assert secret not in json.dumps(redact_value("x", {"y": [f"{around}{secret}"]}))


@pytest.mark.parametrize(
    "line",
    ["use ghp_" + "a1B2" * 9, "password=hunter22", "https://me:pw@host/x", "hf_" + "Ab1x" * 9],
)
def test_long_texts_hide_what_short_ones_hide(line: str) -> None:
    """Among thousands of lines of few different characters a secret is found like alone."""
    around = "loss 1\n" * 1000

    assert redact_text(around + line + "\n" + around) == (
        around + redact_text(line) + "\n" + around
    )
    assert REDACTED in redact_text(line)
