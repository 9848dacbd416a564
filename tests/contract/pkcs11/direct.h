/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fixture's token by Cryptoki alone: another program that uses it, or that
 * looks at what Holdfast made.  Uses nothing of hsm/.  Whatever fails here
 * fails the test.
 */
#ifndef TESTS_CONTRACT_PKCS11_DIRECT_H
#define TESTS_CONTRACT_PKCS11_DIRECT_H

#include <stddef.h>
#include <stdint.h>

#include <p11-kit/pkcs11.h>

struct pkcs11_direct {
    void *library;
    CK_FUNCTION_LIST *functions;
    CK_SESSION_HANDLE session; /* logged in, may write */
};

/* The process must have no store of the token open, for closing here
 * finalises the module. */
void pkcs11_direct_open(struct pkcs11_direct *ret);
void pkcs11_direct_close(struct pkcs11_direct *direct);

/* The same beside an open store, whose login holds here, too. */
void pkcs11_direct_join(struct pkcs11_direct *ret);
void pkcs11_direct_leave(struct pkcs11_direct *direct);

/* How many objects of CLASS are under ID (at most two), and the first. */
size_t pkcs11_direct_find(const struct pkcs11_direct *direct,
                          CK_OBJECT_CLASS class, const uint8_t *id,
                          CK_OBJECT_HANDLE *ret);

/* Create the object of TEMPLATE. */
void pkcs11_direct_create(const struct pkcs11_direct *direct,
                          CK_ATTRIBUTE *template, size_t count);

#endif
