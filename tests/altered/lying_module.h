/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module that passes everything on to SoftHSM and lies where it is
 * told to: the tokens that cannot be bought for a test.  The test finds the
 * lies as the module's symbol "lies".
 */
#ifndef TESTS_LYING_MODULE_H
#define TESTS_LYING_MODULE_H

#include <stdbool.h>

#include <p11-kit/pkcs11.h>

#define LIES_NONE ((CK_ULONG)-1) /* for the attribute and mechanism types */

#define LIES_UNWRAPS 16 /* remembered */

struct lies {
    /* its list of functions, and its start */
    CK_RV list;             /* C_GetFunctionList's answer */
    bool no_list;           /* it says CKR_OK and gives none */
    unsigned char version;  /* major, or 0: the true one */
    bool holes;             /* C_Sign is not in it */
    bool needs_other_locks; /* C_Initialize with arguments: CKR_CANT_LOCK */
    CK_ULONG slots;         /* so many slots more than there are */
    bool late;              /* no slots, until it is asked how many */
    /* what the token says of itself */
    CK_FLAGS flags_set;
    CK_FLAGS flags_cleared;
    const char *maker; /* NULL: the true one */
    const char *model;
    /* what it takes */
    CK_ATTRIBUTE_TYPE refused; /* in a template: CKR_ATTRIBUTE_TYPE_INVALID */
    CK_ATTRIBUTE_TYPE refused_too;
    CK_MECHANISM_TYPE lacking; /* CKR_MECHANISM_INVALID */
    CK_MECHANISM_TYPE lacking_too;
    bool read_only;              /* no session that may write */
    CK_RV create_private;        /* C_CreateObject's answer for private keys */
    CK_RV create_public;         /* and for public ones */
    CK_RV generate;              /* C_GenerateKeyPair's answer */
    bool no_unwrap;              /* C_UnwrapKey is not in its list */
    CK_RV unwrap;                /* C_UnwrapKey's answer for private keys */
    CK_MECHANISM_TYPE unwrap_by; /* or for all that comes by this one */
    bool unwraps_no_key;         /* an AES key of its own is made instead */
    /* what it makes of it */
    bool weak;       /* new private keys are extractable and not sensitive */
    bool stubborn;   /* no attribute can be changed, it says they are */
    bool loses;      /* new private keys are gone at once */
    bool forgets;    /* new private keys are gone with the process's session */
    bool keeps;      /* nothing is destroyed, it says it is */
    CK_RV destroy;   /* C_DestroyObject's answer */
    bool no_login;   /* nobody gets logged in, it says they are */
    bool small_keys; /* RSA keys born here have 1024 bits */
    /* what it gives back */
    CK_ATTRIBUTE_TYPE flag;     /* this boolean attribute reads as true */
    CK_ATTRIBUTE_TYPE revealed; /* this private number could be read */
    CK_ATTRIBUTE_TYPE empty;    /* of private keys: there, and of no bytes */
    bool one_by_one;   /* of several attributes at once it gives none */
    bool bare_point;   /* CKA_EC_POINT without its OCTET STRING */
    bool hides_public; /* no public object is found */
    bool doubles;      /* every object found is found twice */
    bool finds_any;    /* it searches by class alone */
    bool floods;       /* it counts more objects than there is room for */
    bool signs_wrong;  /* one bit of each signature is another */
    CK_RV sign;        /* C_Sign's answer, once, with the operation open */
    bool pollutes;     /* leaves an error in OpenSSL's queue */
    /* what the key pad's user types */
    const char *typed;
    /* what was asked of it */
    unsigned logins;
    unsigned key_pad_logins; /* those without a PIN */
    unsigned writable_sessions;
    int objects; /* made and not destroyed */
    unsigned unwraps;
    CK_MECHANISM_TYPE unwrapped[LIES_UNWRAPS];
};

extern struct lies lies;

/* The module's one entry point that is looked up by name. */
CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

#endif
