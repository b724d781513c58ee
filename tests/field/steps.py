#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does what its arguments say, step by step, as a program that uses Landlock.

usage: steps.py STEP ARG... [-- STEP ARG...]...

  layer RIGHTS [PATH=RIGHTS | PORT=RIGHTS | flags=N | nnp=no | size=N]...
                     makes a ruleset that handles RIGHTS (names joined by "|", or
                     "fs" for all of the file system), adds these rules, and
                     enters its domain; the attribute has N bytes, with 1 in the last
  refuse ERRNO       has a filter (seccomp) fail Landlock's calls with it, by name
  rule-fd PATH       opens PATH for a later rule for it
  idle               starts a thread that sleeps
  open PATH, list PATH, rename FROM TO, link FROM TO, mount PATH
  gone PATH          opens PATH, removes it and opens what is left through /proc
  exec PROGRAM ARG...
  names N PATH       opens PATH under N names of this process

A step that fails is printed, and the next one is done; the exit status is 1 then.
"""
import ctypes
import errno
import os
import struct
import sys
import threading

FS = ("execute write_file read_file read_dir remove_dir remove_file make_char make_dir make_reg make_sock "
      "make_fifo make_block make_sym refer truncate ioctl_dev resolve_unix").split()
NET = "bind_tcp connect_tcp".split()
PR_SET_NAME, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 15, 22, 38
libc = ctypes.CDLL(None, use_errno=True)
rule_fds = {}


def call(function, *args):
    result = function(*args)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def mask(names, of):
    if names == "fs":
        return (1 << len(FS)) - 1 if of is FS else 0
    return sum(1 << of.index(name) for name in names.split("|") if name in of)


def layer(handled, *options):
    attributes = struct.pack("QQ", mask(handled, FS), mask(handled, NET))
    for size in (int(option[5:]) for option in options if option.startswith("size=")):
        attributes = attributes.ljust(size - 1, b"\0") + b"\1"
    ruleset = call(libc.syscall, 444, attributes, ctypes.c_size_t(len(attributes)), 0)
    flags, is_bare = 0, False
    for key, value in (option.split("=") for option in options):
        if key == "flags":
            flags = int(value)
        elif key == "nnp":
            is_bare = value == "no"
        elif key == "size":
            pass
        elif key.isdigit():
            call(libc.syscall, 445, ruleset, 2, struct.pack("=QQ", mask(value, NET), int(key)), 0)
        else:
            fd = rule_fds.get(key) or os.open(key, os.O_PATH)
            call(libc.syscall, 445, ruleset, 1, struct.pack("=Qi", mask(value, FS), fd), 0)
    if not is_bare:
        call(libc.prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call(libc.syscall, 446, ruleset, flags)


def refuse(name):
    number = getattr(errno, name)
    code = [(0x20, 0, 0, 0),  # load the call's number
            (0x35, 0, 2, 444), (0x25, 1, 0, 446),  # at least, more than
            (0x06, 0, 0, 0x50000 | number), (0x06, 0, 0, 0x7fff0000)]
    filters = b"".join(struct.pack("HBBI", *one) for one in code)
    call(libc.prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    program = struct.pack("HxxxxxxP", len(code), ctypes.cast(filters, ctypes.c_void_p).value)
    call(libc.prctl, PR_SET_SECCOMP, 2, program)


def rule_fd(path):
    rule_fds[path] = os.open(path, os.O_PATH)


def idle():
    threading.Thread(target=threading.Event().wait, daemon=True).start()


def read(path):
    os.close(os.open(path, os.O_RDONLY))


def list_directory(path):
    os.close(os.open(path, os.O_RDONLY | os.O_DIRECTORY))


def mount(path):
    call(libc.mount, b"none", path.encode(), b"tmpfs", 0, None)


def gone(path):
    fd = os.open(path, os.O_PATH)
    os.unlink(path)
    read(f"/proc/self/fd/{fd}")


def names(count, path):
    for number in range(int(count)):
        libc.prctl(PR_SET_NAME, b"name-%d" % number, 0, 0, 0)
        try:
            read(path)
        except PermissionError:
            pass


STEPS = {"layer": layer, "rule-fd": rule_fd, "idle": idle, "open": read, "list": list_directory, "rename": os.rename,
         "link": os.link, "mount": mount, "gone": gone, "names": names,
         "refuse": refuse, "exec": lambda program, *arguments: os.execvp(program, [program, *arguments])}
status = 0
step = []
for word in [*sys.argv[1:], "--"]:
    if word != "--":
        step.append(word)
        continue
    try:
        STEPS[step[0]](*step[1:])
    except OSError as error:
        print(*step, error)
        status = 1
    step = []
sys.exit(status)
