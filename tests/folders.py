"""Folders of files, as users have them."""


def write(folder, files):
    """Writes files into a folder, and the folders that they are in.

    Args:
        folder: pathlib.Path.
        files: dict from a relative path to str or bytes.
    """
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode()
        path.write_bytes(content)
