"""Every reader of the project on input that nobody would write: nothing may raise or hang.

    make fuzz FUZZ='--seconds 300 --only shell'

`targets.py` says what is fed with what; `tests/test_fuzz.py` does a little of it in each run of the
suite, and atheris (coverage-guided) as much as there is time for.
"""
