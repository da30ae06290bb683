"""The app: a page in the browser, served on this machine alone, for those who would rather look.

What happens is apart from how it is shown: `desk` knows the file, its columns, the checks and the
search; `worker` is the process that searches; the files that end in `_part` are what one sees.
NiceGUI is an extra, and is imported where it is used.
"""
