#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does what its arguments say, step by step, as a program that uses Landlock.

usage: steps.py STEP ARG... [-- STEP ARG...]...

  layer RIGHTS [PATH=RIGHTS | PORT=RIGHTS | flags=N | nnp=no]...
                     makes a ruleset that handles RIGHTS (names joined by "|", or
                     "fs" for all of the file system), adds these rules, and
                     enters its domain
  rule-fd PATH       opens PATH for a later rule for it
  idle               starts a thread that sleeps
  open PATH, list PATH, rename FROM TO, link FROM TO, mount PATH, chroot PATH
  gone PATH          opens PATH, removes it and opens what is left through /proc
  names N PATH       opens PATH under N names of this process

A step that fails is printed, and the next one is done; the exit status is 1 then.
"""
import ctypes
import os
import struct
import sys
import threading

FS = ("execute write_file read_file read_dir remove_dir remove_file make_char make_dir make_reg make_sock "
      "make_fifo make_block make_sym refer truncate ioctl_dev resolve_unix").split()
NET = "bind_tcp connect_tcp".split()
PR_SET_NAME, PR_SET_NO_NEW_PRIVS = 15, 38
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
    ruleset = call(libc.syscall, 444, attributes, ctypes.c_size_t(len(attributes)), 0)
    flags, is_bare = 0, False
    for key, value in (option.split("=") for option in options):
        if key == "flags":
            flags = int(value)
        elif key == "nnp":
            is_bare = value == "no"
        elif key.isdigit():
            call(libc.syscall, 445, ruleset, 2, struct.pack("=QQ", mask(value, NET), int(key)), 0)
        else:
            fd = rule_fds.get(key) or os.open(key, os.O_PATH)
            call(libc.syscall, 445, ruleset, 1, struct.pack("=Qi", mask(value, FS), fd), 0)
    if not is_bare:
        call(libc.prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call(libc.syscall, 446, ruleset, flags)


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
         "link": os.link, "mount": mount, "chroot": os.chroot, "gone": gone, "names": names}
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
