/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The half of the module that lies which has to do with keys.
 */
#ifndef TESTS_LYING_OBJECTS_H
#define TESTS_LYING_OBJECTS_H

#include <p11-kit/pkcs11.h>

/* Put the functions for objects into OWN; they pass on to SOFTHSM's. */
void lying_objects_take(CK_FUNCTION_LIST *own, CK_FUNCTION_LIST *softhsm);

/* Destroy the last private key that was created. */
void lying_objects_forget(CK_SLOT_ID slot);

#endif
