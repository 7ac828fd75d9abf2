"""What tests, demonstrations and first steps need, and a library in use does not.

``modelshelf.testing.civitai`` is a local stand-in of the Civitai service and ``modelshelf.testing.library`` makes
folders of model files. Both are pure Python on the standard library alone, so that they run from a source tree
before anything is built, and beside any Python a test happens to use.
"""
