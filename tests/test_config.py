"""Settings: where they come from, what is refused and with which sentence."""

import stat
import threading
from pathlib import Path

import pytest

from postmortem.config import BadSettings, Config, is_loopback, load_config, unknown_variables

SECRET = "s" * 32


@pytest.fixture
def load(tmp_path: Path):
    """Load settings from these variables (without their prefix), in a data folder of the test's own."""

    def do(*, listen_host: str = "127.0.0.1", listen_port: int = 8000, **variables: str) -> Config:
        environ = {"POSTMORTEM_DATA_DIR": str(tmp_path / "data")}
        environ |= {f"POSTMORTEM_{name}": value for name, value in variables.items()}
        return load_config(environ, listen_host=listen_host, listen_port=listen_port)

    return do


def write_toml(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(exist_ok=True)
    path = folder / "postmortem.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def origin(config: Config, name: str) -> str:
    return next(setting.origin for setting in config.settings if setting.name == name)


def test_nothing_needs_to_be_set_on_this_machine(load, tmp_path: Path) -> None:
    config = load(listen_port=8123)
    assert config.data_dir == tmp_path / "data"
    assert config.database_url == f"sqlite:///{tmp_path / 'data' / 'postmortem.db'}"
    assert config.base_url == "http://127.0.0.1:8123"
    assert (config.public_reading, config.development, config.is_https) == (False, False, False)
    assert mode(config.data_dir) == 0o700


def test_the_secret_key_is_made_once_and_kept_to_ourselves(load, tmp_path: Path) -> None:
    first = load()
    kept = tmp_path / "data" / "secret-key"
    assert mode(kept) == 0o600
    assert len(first.secret_key) >= 32
    assert load().secret_key == first.secret_key == kept.read_text()
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret-key"]


def test_processes_that_start_together_share_one_secret_key(load) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(load().secret_key)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_half_a_secret_key_is_not_used(load, tmp_path: Path) -> None:
    load()
    (tmp_path / "data" / "secret-key").write_text("")
    with pytest.raises(BadSettings, match="damaged"):
        load()


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(load, tmp_path: Path) -> None:
    path = write_toml(tmp_path, 'base_url = "https://file.example"\npublic_reading = true\n')
    config = load()
    assert (config.base_url, config.public_reading) == ("https://file.example", True)
    assert origin(config, "BASE_URL") == str(path)
    config = load(BASE_URL="https://variable.example", PUBLIC_READING="no")
    assert (config.base_url, config.public_reading) == ("https://variable.example", False)
    assert origin(config, "BASE_URL") == "environment"
    # An empty variable is as good as none.
    assert load(BASE_URL="").base_url == "https://file.example"


def test_the_file_may_lie_elsewhere(load, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.toml"
    path.write_text('base_url = "https://elsewhere.example"\n')
    config = load(CONFIG=str(path))
    assert config.base_url == "https://elsewhere.example"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("base_url = ", "cannot be read as TOML"),
        ('base_ulr = "https://x.example"\n', "does not exist: base_ulr"),
        ("database_url = 5\n", "POSTMORTEM_DATABASE_URL must"),
        ("public_reading = [1]\n", "POSTMORTEM_PUBLIC_READING must be yes or no"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_a_sentence(load, tmp_path: Path, text: str, says: str) -> None:
    write_toml(tmp_path, text)
    with pytest.raises(BadSettings, match=says):
        load()


def test_a_file_that_is_not_utf_8_or_not_there_is_refused(load, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="there is no such file"):
        load(CONFIG=str(tmp_path / "nowhere.toml"))
    write_toml(tmp_path, "").write_bytes(b'base_url = "\xff"')
    with pytest.raises(BadSettings, match="cannot be read as TOML"):
        load()


@pytest.mark.parametrize(
    "value",
    [
        "postmortem.example.com",
        "ftp://postmortem.example.com",
        "https://",
        "https://postmortem.example.com/blog",
        "https://postmortem.example.com/?a=b",
        "https://postmortem.example.com#top",
        "https://user:password@postmortem.example.com",
        "https://postmortem.example.com:99999",
        "https://postmortem.example.com:0",
        "https://postmortem.example.com:x",
        "https://[::1",
        "https://exam ple.com",
        "https://exämple.com",
        "https://a.example,b.example",
        "javascript://a.example",
    ],
)
def test_a_base_url_that_is_no_address_is_refused(load, value: str) -> None:
    with pytest.raises(BadSettings, match="POSTMORTEM_BASE_URL must look like"):
        load(BASE_URL=value)


@pytest.mark.parametrize(
    ("value", "base_url", "hosts"),
    [
        ("https://pm.example.com/", "https://pm.example.com", {"pm.example.com"}),
        ("https://PM.Example.com:443", "https://pm.example.com", {"pm.example.com"}),
        ("http://pm.example.com:80/", "http://pm.example.com", {"pm.example.com"}),
        ("https://pm.example.com:8443", "https://pm.example.com:8443", {"pm.example.com:8443"}),
        ("http://127.evil.example", "http://127.evil.example", {"127.evil.example"}),
        (
            "http://localhost:8000",
            "http://localhost:8000",
            {"localhost:8000", "127.0.0.1:8000", "[::1]:8000"},
        ),
        ("http://[::1]", "http://[::1]", {"localhost", "127.0.0.1", "[::1]"}),
    ],
)
def test_the_base_url_decides_which_hosts_are_answered(load, value, base_url, hosts) -> None:
    config = load(BASE_URL=value)
    assert config.base_url == base_url
    assert config.allowed_hosts == hosts


def test_cookies_are_secure_exactly_under_https(load) -> None:
    assert load(BASE_URL="https://pm.example.com").is_https
    assert not load(BASE_URL="http://pm.example.com").is_https


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "pm.example.com"])
def test_whoever_lets_others_in_names_address_and_secret(load, host: str) -> None:
    with pytest.raises(BadSettings) as refused:
        load(listen_host=host)
    assert [problem.split()[0] for problem in refused.value.problems] == [
        "POSTMORTEM_BASE_URL",
        "POSTMORTEM_SECRET_KEY",
    ]
    with pytest.raises(BadSettings, match="POSTMORTEM_SECRET_KEY is needed"):
        load(listen_host=host, BASE_URL="https://pm.example.com")
    config = load(listen_host=host, BASE_URL="https://pm.example.com", SECRET_KEY=SECRET)
    assert config.secret_key == SECRET
    assert not (config.data_dir / "secret-key").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "[::1]", "localhost"])
def test_this_machine_is_known_under_its_names(host: str) -> None:
    assert is_loopback(host)


def test_listening_on_the_other_loopback_gives_an_address_that_works(load) -> None:
    assert load(listen_host="::1", listen_port=9000).base_url == "http://[::1]:9000"


def test_a_short_secret_key_is_refused_also_on_this_machine(load) -> None:
    with pytest.raises(BadSettings, match="too short: it needs 32"):
        load(SECRET_KEY="s" * 31)


@pytest.mark.parametrize(
    "value",
    [
        "mysql://localhost/x",
        "sqlite://",
        "postmortem.db",
        "postgresql://u:p@host:port/db",
        "postgresql://u:p@host:99999/db",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file::memory:?uri=true",
    ],
)
def test_a_database_that_cannot_be_ours_is_refused(load, value: str) -> None:
    with pytest.raises(BadSettings, match="POSTMORTEM_DATABASE_URL"):
        load(DATABASE_URL=value)


@pytest.mark.parametrize("value", ["postgresql://u:p@db/pm", "postgresql+psycopg://pm@/pm?host=/run/pg"])
def test_postgresql_is_taken(load, value: str) -> None:
    assert load(DATABASE_URL=value).database_url == value


@pytest.mark.parametrize(
    ("value", "means"),
    [("yes", True), ("TRUE", True), ("1", True), ("on ", True), ("off", False), ("0", False)],
)
def test_yes_and_no_have_several_spellings(load, value: str, means: bool) -> None:
    assert load(PUBLIC_READING=value).public_reading is means


def test_every_problem_is_named_at_once(load) -> None:
    with pytest.raises(BadSettings) as refused:
        load(PUBLIC_READING="maybe", DEVELOPMENT="2", SECRET_KEY="short", BASE_URL="x", DATABASE_URL="y")
    assert len(refused.value.problems) == 5
    assert "not “maybe”" in str(refused.value)


def test_a_data_folder_that_cannot_be_made_is_refused(load, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSettings, match="cannot be made"):
        load(DATA_DIR=str(tmp_path / "file" / "data"))
    with pytest.raises(BadSettings, match="cannot be made"):
        load(DATA_DIR=str(tmp_path / "file"))


def test_a_secret_key_that_cannot_be_kept_or_read_is_refused(load, tmp_path: Path) -> None:
    (tmp_path / "data" / "secret-key").mkdir(parents=True)
    with pytest.raises(BadSettings, match="secret key cannot be kept"):
        load()


def test_misspelt_variables_are_found() -> None:
    environ = {"POSTMORTEM_SERCET_KEY": "x", "POSTMORTEM_BASE_URL": "x", "PATH": "x"}
    assert unknown_variables(environ) == ["POSTMORTEM_SERCET_KEY"]


def test_secrets_do_not_stand_in_a_traceback(load) -> None:
    config = load(SECRET_KEY=SECRET, DATABASE_URL="postgresql://u:hunter2@db/pm")
    shown = repr(config) + repr(config.settings)
    assert SECRET not in shown
    assert "hunter2" not in shown
