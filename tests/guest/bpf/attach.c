// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches all programs of a BPF object while a command runs.
 * usage: attach OBJECT CMD [ARG...]   (root)
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	struct bpf_program *program;
	struct bpf_object *object;
	int status;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: attach OBJECT CMD [ARG...]\n");
		return 2;
	}
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	object = bpf_object__open(argv[1]);
	if (!object || bpf_object__load(object))
		return 1;
	bpf_object__for_each_program(program, object)
		if (!bpf_program__attach(program))
			return 1;
	pid = fork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}
