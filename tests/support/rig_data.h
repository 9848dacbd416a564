/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rig whose machine is registered, with something to back up, a passphrase,
 * and eyes for what the vault keeps of it.
 */
#ifndef TESTS_SUPPORT_RIG_DATA_H
#define TESTS_SUPPORT_RIG_DATA_H

#include <sys/types.h>

#include "tests/support/rig.h"

/* A line that is in the source many times over. */
#define RIG_DATA_MARKER "a line that must never be stored as it is"

/* On a rig that has been started: register its machine with a file for several
 * machines, make a passphrase, and a source of a few megabytes. */
void rig_data_prepare(struct rig *rig);

/* The first backup, which makes the repository. */
void rig_data_back_up(struct rig *rig);

/* Register another machine of the same vault; its state is STATE. */
void rig_data_add_machine(const struct rig *rig, const char *state,
                          struct rig *ret);

/* Restore the latest snapshot, and expect the source's files in it. */
void rig_data_expect_restored(struct rig *rig);

/* How many files the vault keeps of TYPE ("data", "locks"...) for all its
 * machines. */
size_t rig_data_count(const struct rig *rig, const char *type);

/* Where they are: the directory of the vault's only repository. */
void rig_data_repository(const struct rig *rig, char ret[static RIG_PATH]);

/* A file of TEXT alone, mode 0600; its path goes into RET. */
void rig_data_write(const struct rig *rig, const char *name, const char *text,
                    char ret[static RIG_PATH]);

/* The machine's UUID. */
void rig_data_machine(struct rig *rig, char ret[static 64]);

/* Have the owner choose Replace for MACHINE, its UUID, in the portal; the path
 * of the file for that goes into RET. */
void rig_data_replace(struct rig *rig, const char *machine,
                      char ret[static RIG_PATH]);

/* Start holdfast with --state-dir, PIN and passphrase of the rig, and one
 * further word, or NULL, without waiting for it; its output is thrown away. */
pid_t rig_data_spawn(const struct rig *rig, const char *command,
                     const char *word);

/* How a spawned one ended: as the status in struct rig_run. */
int rig_data_wait(pid_t pid);

/* Until it is so, which is asked over and over. */
void rig_data_until(bool (*is_so)(void *context), void *context);

/* The process NAME below ROOT, whose parent is PARENT (NULL: any); 0: none. */
pid_t rig_data_find(pid_t root, const char *name, const char *parent);

#endif
