/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the memory test looks for: pieces of a credential file's secrets.
 */
#ifndef TESTS_PROGRAMS_MEMORY_SECRETS_H
#define TESTS_PROGRAMS_MEMORY_SECRETS_H

/* Write the needles of the credential at FILE to PATH, as in scan_preload.h:
 * "base64" and "pfx" of ManagementCert, the key's numbers "d", "p", "q", "dp",
 * "dq", "qinv" (of an EC key "d" alone), each in both byte orders, and, if it
 * is not NULL, PIN as "pin".  Fails the test where it cannot. */
void memory_secrets_write(const char *path, const char *file, const char *pin);

#endif
