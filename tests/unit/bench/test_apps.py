from bench.apps import App


def code(app):
    files = sorted(path for path in app.folder.rglob("*.go"))
    return {path.relative_to(app.folder): path.read_text() for path in files}


def test_no_two_copies_and_no_two_edits_have_the_same_code(tmp_path):
    first, second = (App.make(name, tmp_path / name, "1.26") for name in ("a", "b"))
    seen = [code(first), code(second)]
    for app in (first, second, first):
        app.edit_anew()
        seen.append(code(app))
    for number, one in enumerate(seen):
        assert one not in seen[:number]


def test_an_edit_changes_one_line_of_one_file(tmp_path):
    app = App.make("a", tmp_path / "a", "1.26")
    before = code(app)
    app.edit_anew()
    (path,) = [path for path, text in code(app).items() if text != before[path]]
    lines = zip(before[path].splitlines(), code(app)[path].splitlines(), strict=True)
    assert sum(old != new for old, new in lines) == 1
