// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU plugin that tells which cache lines of the kernel the open() calls of
 * bench/scale.c share: what does not depend on how an emulator schedules
 * processors, nor on the caches that it does not have.
 *
 * usage: qemu-system-x86_64 -accel tcg,thread=single -plugin sharing.so,out=FILE
 *
 * Writes a line for each case to FILE, with figures of one open():
 *   instructions  that the kernel ran, median of all calls
 *   atomic        those that lock a cache line, median
 *   touched       cache lines that it reads or writes and that those of another
 *                 processor write
 *   written       those of them that it writes too
 *   contended     atomic ones on those, rounded
 * Lines count if at least half of the calls of a processor use them: what
 * interrupts and rare slow paths add is not in it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is used of qemu-plugin.h, which distributions do not ship. */
#define EXPORT __attribute__((visibility("default")))
#define NO_REGS 0
#define MEM_RW 3
struct qemu_plugin_tb;
struct qemu_plugin_insn;
void qemu_plugin_register_vcpu_tb_trans_cb(
	uint64_t id, void (*call)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*call)(unsigned int cpu, void *data),
					  int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*call)(unsigned int cpu, void *data),
					    int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      void (*call)(unsigned int cpu, uint32_t info,
						   uint64_t address, void *data),
				      int flags, int rw, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
						 size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
bool qemu_plugin_mem_is_store(uint32_t info);
EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_version = 1;

#define MAX_CPUS 8
#define MAX_CALLS 10000
#define MAX_LINES (1 << 16)

/*
 * A cache line that the calls of one processor used: in how many of them, and in
 * which one last.
 */
struct line {
	uint64_t number;
	uint32_t touched, last_touched;
	uint32_t written, last_written;
	uint32_t atomic;
};

static struct cpu {
	bool inside; /* of open() */
	uint32_t calls;
	uint32_t instructions[MAX_CALLS + 1], atomic[MAX_CALLS + 1];
	struct line lines[MAX_LINES];
} cpus[MAX_CPUS];
static FILE *out;

static void fail(const char *const what)
{
	fprintf(stderr, "sharing: %s\n", what);
	exit(1);
}

static struct line *find_line(struct cpu *const cpu, const uint64_t number,
			      const bool add)
{
	/* A prime as multiplier spreads what is aligned. */
	uint32_t i = (number * 0x9e3779b1) >> 8;

	for (int tries = 0; tries < MAX_LINES; tries++, i++) {
		struct line *const line = &cpu->lines[i % MAX_LINES];

		if (line->number == number)
			return line;
		if (!line->number) {
			if (!add)
				return NULL;
			line->number = number;
			return line;
		}
	}
	fail("too many cache lines");
	return NULL;
}

static void on_memory(const unsigned int index, const uint32_t info,
		      const uint64_t address, void *const locks)
{
	struct cpu *const cpu = &cpus[index];
	struct line *line;

	/* Addresses of the kernel are the same for all processes. */
	if (!cpu->inside || !(address >> 63))
		return;
	line = find_line(cpu, address / 64, true);
	if (line->last_touched != cpu->calls) {
		line->last_touched = cpu->calls;
		line->touched++;
	}
	if (!qemu_plugin_mem_is_store(info))
		return;
	if (line->last_written != cpu->calls) {
		line->last_written = cpu->calls;
		line->written++;
	}
	if (locks) {
		line->atomic++;
		cpu->atomic[cpu->calls]++;
	}
}

static void on_block(const unsigned int index, void *const count)
{
	struct cpu *const cpu = &cpus[index];

	if (cpu->inside)
		cpu->instructions[cpu->calls] += (uintptr_t)count;
}

static void on_begin(const unsigned int index, void *const data)
{
	struct cpu *const cpu = &cpus[index];

	(void)data;
	if (cpu->calls == MAX_CALLS)
		fail("too many calls");
	/* From 1: 0 is for lines that were never used. */
	cpu->calls++;
	cpu->inside = true;
}

static void on_end(const unsigned int index, void *const data)
{
	(void)data;
	cpus[index].inside = false;
}

static int compare(const void *const a, const void *const b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t median(uint32_t *const values, const uint32_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

static bool others_write(const struct cpu *const cpu, const uint64_t number)
{
	for (int i = 0; i < MAX_CPUS; i++) {
		const struct line *line;

		if (&cpus[i] == cpu || !cpus[i].calls)
			continue;
		line = find_line(&cpus[i], number, false);
		if (line && line->written * 2 >= cpus[i].calls)
			return true;
	}
	return false;
}

/* Of the processor with most of them: they hardly differ. */
static void on_case(const unsigned int index, void *const data)
{
	uint32_t instructions = 0, atomic = 0, touched = 0, written = 0;
	uint32_t contended = 0;

	(void)index;
	(void)data;
	for (int i = 0; i < MAX_CPUS; i++) {
		struct cpu *const cpu = &cpus[i];
		uint32_t own_touched = 0, own_written = 0, own_contended = 0, value;

		if (!cpu->calls)
			continue;
		for (int j = 0; j < MAX_LINES; j++) {
			const struct line *const line = &cpu->lines[j];

			if (line->touched * 2 < cpu->calls ||
			    !others_write(cpu, line->number))
				continue;
			own_touched++;
			own_written += line->written * 2 >= cpu->calls;
			own_contended += line->atomic;
		}
		if (own_touched > touched)
			touched = own_touched;
		if (own_written > written)
			written = own_written;
		own_contended = (own_contended + cpu->calls / 2) / cpu->calls;
		if (own_contended > contended)
			contended = own_contended;
		value = median(cpu->instructions + 1, cpu->calls);
		if (value > instructions)
			instructions = value;
		value = median(cpu->atomic + 1, cpu->calls);
		if (value > atomic)
			atomic = value;
	}
	fprintf(out, "%u,%u,%u,%u,%u\n", instructions, atomic, touched, written,
		contended);
	fflush(out);
	memset(cpus, 0, sizeof(cpus));
}

/* Whether an instruction locks the memory that it changes. */
static bool is_atomic(const uint8_t *code, size_t size)
{
	static const char prefixes[] = "\x66\x67\xf2\xf3\x2e\x36\x3e\x26\x64\x65";

	for (; size && memchr(prefixes, *code, sizeof(prefixes) - 1); size--)
		code++;
	if (size && *code == 0xf0)
		return true;
	if (size && (*code & 0xf0) == 0x40) {
		code++;
		size--;
	}
	/* xchg locks without being told. */
	return size && (*code & 0xfe) == 0x86;
}

static void on_translate(const uint64_t id, struct qemu_plugin_tb *const tb)
{
	static void (*const marks[])(unsigned int, void *) = {
		on_begin, on_end, on_case,
	};
	static const uint8_t mark[] = { 0x0f, 0x1f, 0x80, 0, 'l', 'l', 's' };
	const size_t count = qemu_plugin_tb_n_insns(tb);
	const bool kernel = qemu_plugin_tb_vaddr(tb) >> 63;

	(void)id;
	if (kernel)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, NO_REGS,
						     (void *)count);
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *const insn = qemu_plugin_tb_get_insn(tb, i);
		const uint8_t *const code = qemu_plugin_insn_data(insn);
		const size_t size = qemu_plugin_insn_size(insn);

		if (kernel)
			qemu_plugin_register_vcpu_mem_cb(
				insn, on_memory, NO_REGS, MEM_RW,
				(void *)(uintptr_t)is_atomic(code, size));
		else if (size == sizeof(mark) && !memcmp(code, mark, 3) &&
			 !memcmp(code + 4, mark + 4, 3) && code[3] < 3)
			qemu_plugin_register_vcpu_insn_exec_cb(
				insn, marks[code[3]], NO_REGS, NULL);
	}
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);
EXPORT int qemu_plugin_install(const uint64_t id, const void *const info,
			       const int argc, char **const argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		fail("usage: -plugin sharing.so,out=FILE");
	out = fopen(argv[0] + 4, "w");
	if (!out)
		fail("cannot write to the file of out=");
	fputs("instructions,atomic,touched,written,contended\n", out);
	fflush(out);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	return 0;
}
