"""Paths are made canonical by their text alone, and compared as far as the text fixes them."""

import pytest
from handmade import word

from policy.compare import path_truth, url_truth
from policy.paths import home_form, normalise, resolve
from policy.plan import dynamic
from policy.ruleset import Patterns, Url
from policy.truth import Truth
from policy.urls import UrlParts, read_url

NO, POSSIBLE, FIXED, CERTAIN = Truth


@pytest.mark.parametrize(
    ("path", "cwd", "answer"),
    [
        ("/etc/hosts", None, "/etc/hosts"),
        ("/srv/../etc/./hosts", None, "/etc/hosts"),
        ("//etc///hosts/", None, "/etc/hosts"),
        ("/../../etc", None, "/etc"),
        ("/", None, "/"),
        ("x", "/srv/app", "/srv/app/x"),
        ("../x", "/srv/app", "/srv/x"),
        ("/x", "/srv/app", "/x"),
        ("a/../../x", None, "../x"),
        ("./x", None, "x"),
        (".", None, "."),
        ("", None, "."),
        ("..", "/srv", "/"),
    ],
)
def test_paths_are_normalised(path: str, cwd: str | None, answer: str) -> None:
    assert normalise(path, cwd) == answer


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/root/.ssh/x", "\0/.ssh/x"),
        ("/root", "\0"),
        ("/home/bob/.ssh", "\0/.ssh"),
        ("/Users/bob", "\0"),
        ("\0bob/x", "\0/x"),
        ("/home", None),
        ("/rooted/x", None),
    ],
)
def test_every_home_has_one_form(path: str, answer: str | None) -> None:
    assert home_form(path) == answer


@pytest.mark.parametrize(
    ("text", "globs", "answer"),
    [
        # what the text fixes
        ("/etc/passwd", "/etc/**", CERTAIN),
        ("/srv/../etc/passwd", "/etc/**", CERTAIN),
        ("/etc", "/etc/**", CERTAIN),
        ("/srv/x", "/etc/**", NO),
        (".env", "**/.env", CERTAIN),
        ("a/.env", ".env", CERTAIN),  # a relative glob stands for any directory
        ("/srv/build/x", "build/**", CERTAIN),
        ("etc/passwd", "/etc/**", NO),
        # homes
        ("~/.ssh/x", "~/.ssh/**", CERTAIN),
        ("~bob/.ssh/x", "~/.ssh/**", CERTAIN),
        ("/root/.ssh/x", "~/.ssh/**", CERTAIN),
        ("/home/bob/.ssh", "~/.ssh/**", CERTAIN),
        ('"~/.ssh/x"', "~/.ssh/**", NO),
        ("/home/bob/x/.ssh/y", "~/.ssh/**", NO),
        ("~/.ssh/x", "/etc/**", NO),
        ("~/x", "/root/**", POSSIBLE),
        ("~/x", "/**", CERTAIN),
        ("~/.env", "**/.env", CERTAIN),
        ("~/../../etc/shadow", "/etc/shadow", FIXED),
        ("~/../bob/.ssh/x", "~/.ssh/**", FIXED),
        ("~/../bob/x", "/home/bob/**", FIXED),
        # an unknown working directory
        (".ssh/x", "~/.ssh/**", POSSIBLE),
        (".ssh/*", "~/.ssh/**", POSSIBLE),
        ("*", "~/*.pem", NO),
        ("*", "~", NO),
        ("../README", "/home/*", NO),
        ("../bob/.ssh/x", "~/.ssh/**", POSSIBLE),
        ("../../etc/shadow", "/etc/**", POSSIBLE),
        ("../README", "/etc/**", NO),
        # links of the kernel
        ("/proc/self/root/etc/shadow", "/etc/shadow", FIXED),
        ("/proc/1/cwd/x", "/etc/**", POSSIBLE),
        ("/proc/self/root/../etc/shadow", "/etc/shadow", FIXED),
        ("/proc/cpuinfo", "/etc/**", NO),
        # globs of the shell
        ("/etc/*", "/etc/**", CERTAIN),
        ("/etc/*", "/etc/shadow", FIXED),
        ("/etc/sh*", "/etc/passwd", NO),
        ("~/.ssh/*", "~/.ssh/**", CERTAIN),
        ("/home/*/.ssh/*", "~/.ssh/**", CERTAIN),
        ("~/*", "/root/**", POSSIBLE),
        ("*.log", "**/.env", NO),
        ("*", "**/id_rsa", NO),
        ("id_*", "**/id_rsa", POSSIBLE),
        ("../../etc/*", "/etc/shadow", POSSIBLE),
        # words known only at run time
        ('"$x"', "/etc/**", POSSIBLE),
        ('"$x"', "**", CERTAIN),
        ('"/etc/$x"', "/etc/**", FIXED),
        ('"/srv/$x"', "/etc/**", POSSIBLE),  # `..` may follow
        ('"/srv/../etc/$x"', "/etc/**", FIXED),
        ('"$x.log"', "/etc/shadow", NO),
        ('"$x.log"', "**/*.log", CERTAIN),
        ('"$x/../etc/shadow"', "/etc/shadow", POSSIBLE),
        ("$x.log", "/etc/shadow", POSSIBLE),  # unquoted: several words
        ('"/etc$x"', "/etc/**", POSSIBLE),
    ],
)
def test_how_far_a_path_lies_inside(text: str, globs: str, answer: Truth) -> None:
    assert path_truth(resolve(word(text)), Patterns(tuple(globs.split()))) is answer


@pytest.mark.parametrize(
    ("text", "globs", "answer"),
    [
        ("/srv/x", "/dev/null", CERTAIN),
        ("/dev/null", "/dev/null", NO),
        ("/dev/../etc/x", "/dev/**", CERTAIN),
        ("/dev/*", "/dev/null", FIXED),
        ("/tmp/*", "/tmp/**", NO),
        ('"/var/$x"', "/srv/**", FIXED),
        ('"/srv/$x"', "/srv/**", POSSIBLE),
        ('"$x"', "/srv/**", POSSIBLE),
        ('"$x.log"', "/dev/null", CERTAIN),
        ('"$x"', "**", NO),
    ],
)
def test_how_far_a_path_lies_outside(text: str, globs: str, answer: Truth) -> None:
    patterns = Patterns(tuple(globs.split()), outside=True)
    assert path_truth(resolve(word(text)), patterns) is answer


@pytest.mark.parametrize(
    ("text", "directory", "cwd", "answer"),
    [
        ("shadow", "/etc", None, CERTAIN),
        ("shadow", None, "/etc", CERTAIN),
        ("../etc/shadow", "/srv", None, CERTAIN),
        ("etc/shadow", "..", "/srv", CERTAIN),
        ("/etc/shadow", "/srv", None, CERTAIN),
        ("shadow", "/srv", "/etc", NO),
        ("shadow", None, None, NO),
        ("sh*", "/etc", None, FIXED),
        ("shadow", "/e*", None, FIXED),
        ("shadow", '"$x"', None, POSSIBLE),
        ("hosts", '"$x"', None, NO),
        ("etc/shadow", "/proc/self/root", None, FIXED),
        ('"sh$x"', "/etc", None, POSSIBLE),
    ],
)
def test_a_path_is_taken_below_the_working_directory(
    text: str, directory: str | None, cwd: str | None, answer: Truth
) -> None:
    value = resolve(word(text), word(directory) if directory else None, cwd)
    assert path_truth(value, Patterns(("/etc/shadow",))) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("https://x.example/i.sh", UrlParts("https", "x.example", "/i.sh")),
        ("HTTP://X.Example.:80", UrlParts("http", "x.example", "/")),
        ("x.example/a?b", UrlParts("http", "x.example", "/a?b")),
        ("localhost:8080/a", UrlParts("http", "localhost", "/a")),
        ("http://u:p@x.example/", UrlParts("http", "x.example", "/")),
        ("git@github.example:a/b", UrlParts("ssh", "github.example", "/a/b")),
        ("./a", UrlParts("file", "", "./a")),
        ("http://2852039166/", UrlParts("http", "169.254.169.254", "/")),
        ("http://0xa9.0376.43518/", UrlParts("http", "169.254.169.254", "/")),
        ("http://[::ffff:169.254.169.254]/", UrlParts("http", "169.254.169.254", "/")),
        ("http://[::1]:80/", UrlParts("http", "::1", "/")),
        ("http://a@b@c/", None),
        ("http://%61.example/", None),
        ("http://{a,b}.example/", None),
        ("http://ex\\ample/", None),
        ("http://999.1.1.1.1/", UrlParts("http", "999.1.1.1.1", "/")),
        ("http://999.1.1.1/", None),
    ],
)
def test_urls_are_read_as_clients_read_them(text: str, answer: UrlParts | None) -> None:
    assert read_url(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("https://api.internal/x", CERTAIN),
        ("https://api.example/x", NO),
        ("https://api.internal/x?a=b", CERTAIN),
        ("https://api.internal/$x", POSSIBLE),  # unquoted: other words may follow
        ('"https://api.internal/$x"', CERTAIN),
        ('"https://api.internal$x"', POSSIBLE),
        ('"https://api.example/$x"', NO),
        ('"$x"', POSSIBLE),
    ],
)
def test_the_host_of_a_url_is_fixed_once_it_has_ended(text: str, answer: Truth) -> None:
    assert url_truth(word(text), Url("host", Patterns(("*.internal",)))) is answer


def test_a_home_may_be_followed_by_what_run_time_knows() -> None:
    value = resolve(dynamic("~/.ssh/$x", (0, 0), "~/.ssh/", many=False))
    assert path_truth(value, Patterns(("~/.ssh/**",))) is POSSIBLE
