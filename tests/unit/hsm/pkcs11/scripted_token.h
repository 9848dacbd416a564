/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token that is a list of attributes: one private key, and some public
 * objects that are all alike, with values that no token for sale would give.
 */
#ifndef TESTS_UNIT_SCRIPTED_TOKEN_H
#define TESTS_UNIT_SCRIPTED_TOKEN_H

#include "hsm/pkcs11/object.h"

#define TOLD_PRIVATE 1 /* the private object's handle */
#define TOLD_ATTRIBUTES 4

struct told_object {
    CK_ATTRIBUTE attributes[TOLD_ATTRIBUTES];
};

struct scripted_token {
    struct told_object private;
    struct told_object public;
    CK_ULONG publics;
    /* The one attribute whose length is told wrong, with CKR_OK. */
    CK_ATTRIBUTE_TYPE stretched;
    CK_ULONG stretched_to;
};
extern struct scripted_token told;

/* Empty the token. */
void scripted_token_clear(void);

/* Set attribute AT of OBJECT; VALUE stays the caller's. */
void scripted_token_set(struct told_object *object, size_t at,
                        CK_ATTRIBUTE_TYPE type, const void *value,
                        size_t length);

/* What the back end sees, and for how long: until the process ends. */
struct pkcs11_token *scripted_token(void);

#endif
