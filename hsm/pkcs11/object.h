/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects on a token and their attributes, one at a time.
 */
#ifndef HSM_PKCS11_OBJECT_H
#define HSM_PKCS11_OBJECT_H

#include "hsm/pkcs11/template.h"
#include "hsm/pkcs11/token.h"

/* Two are enough to see that an object is not the only one. */
struct pkcs11_found {
    CK_OBJECT_HANDLE object[2];
    size_t count;
};

/* The objects of CLASS under ID, as far as *RET has room. */
ERR_MUST_USE enum ks_err pkcs11_object_find(struct pkcs11_token *token,
                                            CK_OBJECT_CLASS class,
                                            const uint8_t *id,
                                            struct pkcs11_found *ret,
                                            struct err_cause *cause);

/* The value of ATTRIBUTE, whose length is that of its room going in and the
 * value's coming out.  KS_ERR_TOKEN_UNSUPPORTED: the object has no such
 * attribute, or keeps it for itself. */
ERR_MUST_USE enum ks_err pkcs11_object_read(struct pkcs11_token *token,
                                            CK_OBJECT_HANDLE object,
                                            CK_ATTRIBUTE *attribute,
                                            struct err_cause *cause);

/* The flag of FLAG's row; the row's value for an object without it (unless)
 * where OBJECT has no such attribute. */
ERR_MUST_USE enum ks_err pkcs11_object_flag(struct pkcs11_token *token,
                                            CK_OBJECT_HANDLE object,
                                            const struct pkcs11_flag_row *flag,
                                            bool *ret, struct err_cause *cause);

/* All values in one call, each with its length as for one.  False: read them
 * one by one.  Nothing is said then, for tokens differ in what they do behind
 * an attribute that an object does not have. */
bool pkcs11_object_read_all(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
                            CK_ATTRIBUTE *attributes, size_t count);

/* Would the token give the attribute's value away?  Asks for its length, so
 * that a token which would does not. */
ERR_MUST_USE enum ks_err pkcs11_object_reveals(struct pkcs11_token *token,
                                               CK_OBJECT_HANDLE object,
                                               CK_ATTRIBUTE_TYPE type,
                                               bool *ret,
                                               struct err_cause *cause);

/* Destroy every object of CLASS under ID, and see that none is left.
 * *RET_COUNT: how many there were.  Between pkcs11_token_begin() and _end(). */
ERR_MUST_USE enum ks_err pkcs11_object_destroy(struct pkcs11_token *token,
                                               CK_OBJECT_CLASS class,
                                               const uint8_t *id,
                                               size_t *ret_count,
                                               struct err_cause *cause);

#endif
