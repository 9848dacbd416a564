/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NSS's FIPS token, made with certutil: software that refuses private keys in
 * the clear, as validated HSMs do.
 */
#ifndef TESTS_SUPPORT_NSS_TOKEN_H
#define TESTS_SUPPORT_NSS_TOKEN_H

/* NSS wants seven characters of three kinds. */
#define NSS_TOKEN_PIN "Sesame-1357"
#define NSS_TOKEN_LABEL "NSS FIPS 140-2 Certificate DB"

/* Make the token in DIRECTORY, and point the environment there.  Returns 0 or
 * -1, after a line on stderr. */
int nss_token_make(const char *directory);

#endif
