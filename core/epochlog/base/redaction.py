"""Take secrets out of what is recorded: by the name of the key, by the shape of the value.

Keys are read word by word, so ``hf_token``, ``--db-password`` and ``apiKey`` are secret while
``tokenizer``, ``max_tokens``, ``pad_token``, ``author`` and ``key`` are not. Values are secret
when they look like the keys of a known issuer (AWS, GitHub, Hugging Face, OpenAI, Slack …), a JWT,
a bearer token or a private key; a git hash or a long number never does. Booleans, None and numbers
(but for a password's) are never taken out.
"""

# ruff: noqa: SIM905 - a text of words is easier to read and to diff than a list of literals

from __future__ import annotations

import bisect
import itertools
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

REDACTED = "***"
"""What stands in a secret's place; valid inside a URL, too."""

_NAMES_NOT_KEYS = frozenset("packages direct_packages conda_packages files".split())
"""Facts whose names are somebody else's: the package ``google-auth`` is no secret."""

_PASSWORDS = frozenset("password passwd passphrase pwd pw".split())
_SECRET_WORDS = _PASSWORDS | frozenset(
    "secret secrets credential credentials creds token auth authorization bearer cookie cookies "
    "apikey privatekey accesskey secretkey authtoken accesstoken".split()
)
_SECRET_PAIRS = frozenset(
    "api_key access_key secret_key private_key auth_key account_key shared_key encryption_key "
    "signing_key license_key master_key storage_key session_key connection_string webhook_url "
    "github_pat".split()
)
_SWITCH_WORDS = frozenset(
    "use no has is enable disable allow with without skip show require".split()
)
"""A key that begins with one of these is a switch: ``--use-auth-token``."""

_ABOUT_WORDS = frozenset(
    "type kind mode method name enabled required length len policy column col size count id ids "
    "index dim dims limit budget min max num ratio rate dropout pattern embedding embeddings "
    "mask position pos shift mixing pooling weight weights norm map label labels level freq "
    "keep drop expiry ttl".split()
)
"""A key that ends with one of these is about a secret or a token: ``token_ids``, ``auth_type``."""

_TOKEN_OWNERS = frozenset(
    "max min num n new total pad eos bos unk sep cls mask image special start end first last "
    "next per avg mean stop input output prompt vocab target source class register extra added "
    "prefix suffix ignore language lang audio video patch begin forced suppress decoder encoder "
    "blank separator delimiter oov pretrained word sub char add text time".split()
)
"""Words before ``token`` in the vocabulary of language models: ``pad_token``."""

_TELLING_WORDS = frozenset("key keys pat sas hmac salt apikeys sig".split())
"""Keys with such a word hold a secret if the value looks drawn by chance: ``OPENAI_KEY``."""

_SIGNATURE_WORDS = frozenset("sig signature".split())
"""Secret in the query of a URL (pre-signed links), harmless elsewhere (a model's signature)."""

_TRIGGERS = tuple(
    "://,-----begin,akia,asia,abia,acca,ghp_,gho_,ghu_,ghs_,ghr_,github_pat,glpat-,hf_,sk-,sk_,"
    "rk_,xox,aiza,ya29,npm_,pypi-,dop_v1,eyj,bearer,basic ,passw,passphrase,pwd,pw,secret,token,"
    "cred,key,auth,cookie,connection,webhook,github,xapp-,gocspx-,gsk_,xai-,r8_,sg.,dapi,dckr_,"
    "hvs.,"
    "kgat_,:aa,_pat,sas,hmac,salt,sig=".split(",")
)
"""A line without any of these (in lower case) holds no secret: most need no further search."""
_TRIGGER_CHARS = frozenset("".join(_TRIGGERS))
_LONG_CHARS = 2000


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Compile the larger patterns when first needed: importing this module has to stay cheap."""
    private_key = (
        r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)"
    )
    shapes = r"""(?x)
        (?<![A-Za-z0-9]) (?:
          (?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}
        | gh[pousr]_[A-Za-z0-9]{36,255} | github_pat_[A-Za-z0-9_]{22,255}
        | glpat-[A-Za-z0-9_-]{20,}
        | hf_[A-Za-z0-9]{30,}
        | sk-(?=[A-Za-z]*[0-9])[A-Za-z0-9]{20,}
        | sk-(?:proj|ant|or|svcacct|admin)-[A-Za-z0-9_-]{20,}
        | [sr]k_(?:live|test)_[A-Za-z0-9]{16,}
        | xox[abeoprs]-[A-Za-z0-9-]{10,}
        | https://hooks\.slack\.com/[A-Za-z]+/[A-Za-z0-9/_-]{20,}
        | AIza[A-Za-z0-9_-]{35} | ya29\.[A-Za-z0-9_-]{20,}
        | xapp-[0-9]-[A-Za-z0-9-]{20,} | GOCSPX-[A-Za-z0-9_-]{20,}
        | gsk_[A-Za-z0-9]{40,} | xai-[A-Za-z0-9]{40,} | r8_[A-Za-z0-9]{37}
        | SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64} | dapi[a-f0-9]{32}
        | dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,} | hvs\.[A-Za-z0-9_-]{24,} | KGAT_[a-f0-9]{32}
        | [0-9]{8,10}:AA[A-Za-z0-9_-]{33} | eyJhcGlf[A-Za-z0-9+/_-]{40,}={0,2}
        | npm_[A-Za-z0-9]{36} | pypi-[A-Za-z0-9_-]{36,} | dop_v1_[a-f0-9]{60,}
        | eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*
        ) (?![A-Za-z0-9])"""
    bearer = r"(?i)\b(bearer|basic)(\s+)(?=[^\s]*[0-9])[A-Za-z0-9+/._~-]{12,}=*"
    # The password may hold any character but white space and "/" (a URL must escape that one).
    userinfo = (
        r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30})://"
        r"(?P<user>[^\s/?#@:'\"]*)(?P<password>:[^\s/'\"]*)?@"
    )
    query = r"(?P<head>[?&;](?P<key>[A-Za-z][\w.%-]{0,60})=)[^\s&;#'\"]+"
    assignment = r"""(?x)
        (?P<head> (?<![\w.-]) (?P<key>-{0,2}[A-Za-z_][\w.-]{0,80}) ["']? (?P<sign>\s*[:=]=?\s*) )
        (?P<value> (?P<mark>["']) (?:(?!(?P=mark))[^\n]){1,4000} (?P=mark)
                 | [^\s,;&"'()\[\]{}]+ (?![(\[]) )"""
    return tuple(map(re.compile, (private_key, shapes, bearer, userinfo, query, assignment)))


@lru_cache(maxsize=4096)
def _words(key: str) -> tuple[str, ...]:
    """Return the words of a name in lower case: ``apiKey`` is (api, key)."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", key)
    return tuple(word.lower() for word in re.split(r"[^A-Za-z0-9]+", parts) if word)


@lru_cache(maxsize=4096)
def is_secret_key(key: str) -> bool:
    """Return whether a name (of a param, variable, option) says that its value is a secret."""
    words = _words(key)
    if not words or words[0] in _SWITCH_WORDS or words[-1] in _ABOUT_WORDS:
        return False
    pairs = itertools.pairwise(words)
    if any(f"{first}_{second}" in _SECRET_PAIRS for first, second in pairs):
        return True
    for before, word in zip(("", *words), words, strict=False):
        if word in _SECRET_WORDS and not (word == "token" and before in _TOKEN_OWNERS):
            return True
    return False


def redact_value(key: str, value: Any) -> Any:
    """Return ``value``, or what is left of it without secrets; containers are read recursively.

    Args:
        key: the name that the value stands under; "" if it has none.
        value: plain data (see ``base.values.plain``); anything else is returned as it is.
    """
    if value is None or isinstance(value, bool):
        return value
    secret = bool(key) and is_secret_key(key)
    if isinstance(value, (int, float)):
        return REDACTED if secret and _is_password_key(key) else value
    if isinstance(value, str):
        secret = secret or (bool(key) and is_telling_key(key) and is_random(value))
        return (REDACTED if value else value) if secret else redact_text(value)
    if isinstance(value, Mapping):
        return {name: redact_value(key if secret else str(name), v) for name, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact_value(key if secret else "", item) for item in value]
    return REDACTED if secret and isinstance(value, bytes) else value


def is_telling_key(key: str) -> bool:
    """Return whether a name may well stand for a secret, so that the value has to tell."""
    return not _TELLING_WORDS.isdisjoint(_words(key))


def is_random(value: str) -> bool:
    """Return whether a text looks drawn by chance, as keys are; hashes and UUIDs don't count.

    Letters of both cases and digits, 20 to 200 characters without a break, at least 3.5 bits each.
    """
    if not 20 <= len(value) <= 200 or not re.fullmatch(r"[A-Za-z0-9+/_.~-]+={0,2}", value):
        return False
    if not all(re.search(kind, value) for kind in ("[a-z]", "[A-Z]", "[0-9]")):
        return False
    if max(map(len, re.split(r"[-+/_.~=]", value))) < 12:  # words: "Adam-Lr1e3-Batch64-ViT"
        return False
    counts = (value.count(each) / len(value) for each in set(value))
    return -sum(share * math.log2(share) for share in counts) >= 3.5


def _is_password_key(key: str) -> bool:
    return any(word in key.lower() for word in ("passw", "passphrase", "pwd"))


def redact_env(variables: Mapping[str, str]) -> dict[str, str]:
    """Return environment variables without secrets in their values."""
    return {name: redact_value(name, value) for name, value in variables.items()}


def redact_argv(arguments: Iterable[str]) -> list[str]:
    """Return command line arguments without secrets.

    Understands ``--password=x``, ``--password x``, ``db.password=x`` and secrets inside any
    argument.
    """
    found: list[str] = []
    after_secret_option = False
    for argument in map(str, arguments):
        if after_secret_option and not argument.startswith("-"):
            found.append(REDACTED)
            after_secret_option = False
            continue
        name, sign, value = argument.partition("=")
        is_name = re.fullmatch(r"[+-]{0,2}[A-Za-z_][\w.-]*", name) is not None
        if sign and is_name:
            found.append(f"{name}={redact_value(name, value)}")
        else:
            found.append(redact_text(argument))
        after_secret_option = (
            not sign and is_name and argument.startswith("-") and is_secret_key(argument)
        )
    return found


def redact_url(url: str) -> str:
    """Return a URL without password, without a token in place of a user, without signatures.

    ``postgresql://me:pw@host/db`` keeps the user, ``https://TOKEN@host`` doesn't,
    ``ssh://git@host`` does. Works on malformed URLs, too, and leaves everything else as it is.
    """
    if "://" not in url:
        return url
    _, shapes, _, userinfo, query, _ = _patterns()
    url = query.sub(_redact_query, userinfo.sub(_redact_userinfo, url))
    return shapes.sub(REDACTED, url)


def _redact_userinfo(match: re.Match[str]) -> str:
    scheme, user = match["scheme"], match["user"]
    if match["password"] is not None:
        return f"{scheme}://{user}:{REDACTED}@"
    return f"{scheme}://{REDACTED if scheme.lower().startswith('http') else user}@"


def _redact_query(match: re.Match[str]) -> str:
    key = match["key"]
    words = set(re.split(r"[^a-z]+", key.lower()))
    secret = is_secret_key(key) or words & _SIGNATURE_WORDS or {"amz", "credential"} <= words
    return f"{match['head']}{REDACTED}" if secret else match[0]


def redact_text(text: str, *, code: bool = False) -> str:
    """Return a text (value, traceback, diff) without the secrets that can be told by their look.

    Args:
        text: any text.
        code: the text is source code: of ``password = value`` only string literals and values with
            digits are taken out, so that ``token = next(tokens)`` stays readable.
    """
    lower = text.lower()
    triggers = _triggers_in(lower)
    if not triggers:
        return text
    if "-----begin" in triggers:
        text = _patterns()[0].sub(REDACTED, text)
    if "\n" not in text:
        return _redact_line(text, code)
    hits = _lines_with(triggers, lower)
    lines = enumerate(text.splitlines(keepends=True))
    return "".join(_redact_line(line, code) if i in hits else line for i, line in lines)


def _triggers_in(lower: str) -> list[str]:
    """Return what a text has of the words that secrets come with.

    One character is found thirty times faster than a word: in a long text, words with a character
    that it has not are not searched for.
    """
    missing: frozenset[str] = frozenset()
    if len(lower) > _LONG_CHARS:
        missing = frozenset(char for char in _TRIGGER_CHARS if char not in lower)
    return [word for word in _TRIGGERS if missing.isdisjoint(word) and word in lower]


def _lines_with(words: Iterable[str], text: str) -> set[int]:
    """Return the numbers of the lines in which any of the words occurs (one fast search a word)."""
    starts = list(itertools.accumulate(map(len, text.splitlines(keepends=True)), initial=0))
    found: set[int] = set()
    for word in words:
        position = text.find(word)
        while position >= 0:
            line = bisect.bisect_right(starts, position) - 1
            found.add(line)
            position = text.find(word, starts[line + 1])
    return found


def _redact_line(line: str, code: bool) -> str:
    _, shapes, bearer, _, _, assignment = _patterns()
    line = bearer.sub(rf"\1\2{REDACTED}", shapes.sub(REDACTED, redact_url(line)))

    def replace(match: re.Match[str]) -> str:
        value, mark = match["value"], match["mark"] or ""
        if is_telling_key(match["key"]) and is_random(value.strip(mark)):
            return f"{match['head']}{mark}{REDACTED}{mark}"
        if not is_secret_key(match["key"]) or REDACTED in value or value.startswith("//"):
            return match[0]
        if not mark and not _is_literal(value, match["sign"], code):
            return match[0]
        return f"{match['head']}{mark}{REDACTED}{mark}"

    return assignment.sub(replace, line)


def _is_literal(value: str, sign: str, code: bool) -> bool:
    """Return whether an unquoted value after ``key=`` is a literal, not an expression or prose."""
    if value.lower() in ("none", "null", "true", "false"):
        return False
    if code or sign != "=":  # "Token: see below" is prose, "password: hunter22" is not
        return len(value) >= 8 and any(c.isdigit() for c in value) and "." not in value
    return True


def redact_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return params (plain data) without secrets."""
    return {redact_text(key): redact_value(key, value) for key, value in params.items()}


def redact_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts about an environment without secrets; names of packages are no keys."""
    return {
        name: redact_code(value) if name in _NAMES_NOT_KEYS else redact_value(name, value)
        for name, value in facts.items()
    }


def redact_code(value: Any) -> Any:
    """Return plain data about code without secrets: by the look of texts, never by their names."""
    if isinstance(value, str):
        return redact_text(value, code=True)
    if isinstance(value, Mapping):
        return {name: redact_code(each) for name, each in value.items()}
    return [redact_code(each) for each in value] if isinstance(value, (list, tuple)) else value
