/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The module that lies (tests/altered/lying_module.h) for real programs, which
 * cannot be told by a symbol: its lies are lines "name number" of the file
 * "lies" beside SoftHSM's configuration.  Two more: it hangs, or crashes, where
 * it is told to; and it takes the token away, which stays away for everybody as
 * long as the file "gone" stands there; or closes it to changes, as long as
 * the file "closed" does.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/altered/faulty_habit.h"
#include "tests/altered/lying_module.h"

/* lying_module.c's C_GetFunctionList, which is compiled under this name. */
CK_RV lying_functions(CK_FUNCTION_LIST **list);

#define PATH_SIZE 256

/* What lying_module.c does not do. */
static struct {
    bool hangs;        /* C_Initialize never comes back */
    bool crashes;      /* C_Initialize ends the process */
    bool crashes_late; /* C_CreateObject does */
    bool crashes_last; /* C_GenerateKeyPair does, once the keys are made */
    bool vanishes;     /* after C_CreateObject there is no token */
    bool closes;       /* after a key's second object nothing may be written */
    bool cuts_ids;     /* to two bytes */
    bool der;          /* signatures of EC keys are in DER */
    bool anonymous;    /* nobody knows its maker and model */
    bool slot_says;    /* that it is hardware */
    bool signing_says; /* that hardware signs */
    bool of_tpm;       /* the module is tpm2-pkcs11's */
} faulty;

#define LIE(name)                                                              \
    {                                                                          \
#name, &lies.name, sizeof lies.name                                    \
    }
#define MORE(name)                                                             \
    {                                                                          \
#name, &faulty.name, sizeof faulty.name                                \
    }

static const struct {
    const char *name;
    void *at;
    size_t size;
} fields[] = {
    LIE(flags_set),      LIE(flags_cleared), LIE(refused),
    LIE(lacking),        LIE(lacking_too),   LIE(read_only),
    LIE(create_private), LIE(create_public), LIE(unwrap),
    LIE(generate),       LIE(weak),          LIE(stubborn),
    LIE(loses),          LIE(forgets),       LIE(flag),
    LIE(revealed),       LIE(signs_wrong),   LIE(pollutes),
    LIE(slots),          MORE(hangs),        MORE(crashes),
    MORE(crashes_late),  MORE(crashes_last), MORE(vanishes),
    MORE(closes),        MORE(cuts_ids),     MORE(der),
    MORE(anonymous),     MORE(slot_says),    MORE(signing_says),
    MORE(of_tpm),
};

static CK_FUNCTION_LIST own;
static CK_FUNCTION_LIST *lying;

/* NAME beside SoftHSM's configuration. */
static void
beside(const char *name, char ret[static PATH_SIZE])
{
    const char *configuration = getenv("SOFTHSM2_CONF");
    const char *slash = configuration != NULL ? strrchr(configuration, '/')
                                              : NULL;

    *ret = '\0';
    if (slash != NULL)
        (void)snprintf(ret, PATH_SIZE, "%.*s/%s", (int)(slash - configuration),
                       configuration, name);
}

static bool
stands_there(const char *name)
{
    char path[PATH_SIZE];

    beside(name, path);
    return access(path, F_OK) == 0;
}

static bool
is_gone(void)
{
    return stands_there("gone");
}

static void
put_there(const char *name)
{
    char path[PATH_SIZE];

    beside(name, path);
    (void)close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static void
tell(const char *name, unsigned long number)
{
    bool flag = number != 0;

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(fields[i].name, name) != 0)
            continue;
        if (fields[i].size == sizeof flag)
            memcpy(fields[i].at, &flag, sizeof flag);
        else
            memcpy(fields[i].at, &number, sizeof number);
        return;
    }
    (void)fprintf(stderr, "faulty: no lie is called %s\n", name);
    abort();
}

static void
read_lies(void)
{
    char path[PATH_SIZE];
    char name[32];
    unsigned long number;
    FILE *file;

    lies.refused = lies.refused_too = LIES_NONE;
    lies.lacking = lies.lacking_too = LIES_NONE;
    lies.unwrap_by = LIES_NONE;
    lies.flag = lies.revealed = lies.empty = LIES_NONE;
    beside("lies", path);
    file = fopen(path, "re");
    if (file == NULL)
        return;
    while (fscanf(file, "%31s %li", name, (long *)&number) == 2)
        tell(name, number);
    (void)fclose(file);
}

static CK_RV
initialize(void *args)
{
    while (faulty.hangs)
        (void)pause();
    if (faulty.crashes)
        abort();
    return lying->C_Initialize(args);
}

static CK_RV
get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count)
{
    if (is_gone()) {
        *count = 0;
        return CKR_OK;
    }
    return lying->C_GetSlotList(present, slots, count);
}

/* TEXT in a field of SIZE bytes, padded with blanks. */
static void
put(unsigned char *field, size_t size, const char *text)
{
    memset(field, ' ', size);
    memcpy(field, text, strlen(text));
}

static CK_RV
get_info(CK_INFO *info)
{
    CK_RV rv = lying->C_GetInfo(info);

    if (faulty.of_tpm)
        put(info->manufacturerID, sizeof info->manufacturerID,
            "tpm2-software.github.io");
    return rv;
}

static CK_RV
get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    CK_RV rv = lying->C_GetTokenInfo(slot, info);

    if (faulty.anonymous) {
        put(info->manufacturerID, sizeof info->manufacturerID, "A vendor");
        put(info->model, sizeof info->model, "HSM");
    }
    return rv;
}

static CK_RV
get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
    CK_RV rv = lying->C_GetSlotInfo(slot, info);

    info->flags |= faulty.slot_says ? CKF_HW_SLOT : 0u;
    return rv;
}

static CK_RV
get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type,
                   CK_MECHANISM_INFO *info)
{
    CK_RV rv = lying->C_GetMechanismInfo(slot, type, info);

    info->flags |= faulty.signing_says ? CKF_HW : 0u;
    return rv;
}

static CK_RV
create_object(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
              CK_OBJECT_HANDLE *object)
{
    static unsigned made;
    CK_ATTRIBUTE as_taken[FAULTY_HABIT_ATTRIBUTES];
    CK_RV rv;

    if (faulty.crashes_late)
        abort();
    rv = lying->C_CreateObject(
        session, faulty_habit_cut(as_taken, template, count, faulty.cuts_ids),
        count, object);
    if (faulty.vanishes)
        put_there("gone");
    if (faulty.closes && ++made == 2)
        put_there("closed");
    return rv;
}

static CK_RV
open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application,
             CK_NOTIFY notify, CK_SESSION_HANDLE *session)
{
    if ((flags & CKF_RW_SESSION) != 0 && stands_there("closed"))
        return CKR_TOKEN_WRITE_PROTECTED;
    return lying->C_OpenSession(slot, flags, application, notify, session);
}

static CK_MECHANISM_TYPE signing;

static CK_RV
sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
          CK_OBJECT_HANDLE key)
{
    signing = mechanism->mechanism;
    return lying->C_SignInit(session, mechanism, key);
}

static CK_RV
sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length,
     CK_BYTE *signature, CK_ULONG *size)
{
    unsigned char raw[512];
    CK_ULONG raw_length = sizeof raw;
    CK_RV rv;

    if (!faulty.der || signing != CKM_ECDSA)
        return lying->C_Sign(session, data, length, signature, size);
    rv = lying->C_Sign(session, data, length, raw, &raw_length);
    return rv == CKR_OK ? faulty_habit_der(raw, raw_length, signature, size)
                        : rv;
}

static CK_RV
generate_key_pair(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                  CK_ATTRIBUTE *public, CK_ULONG public_count,
                  CK_ATTRIBUTE *private, CK_ULONG private_count,
                  CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
    CK_ATTRIBUTE taken[2][FAULTY_HABIT_ATTRIBUTES];
    CK_RV rv = lying->C_GenerateKeyPair(
        session, mechanism,
        faulty_habit_cut(taken[0], public, public_count, faulty.cuts_ids),
        public_count,
        faulty_habit_cut(taken[1], private, private_count, faulty.cuts_ids),
        private_count, public_key, private_key);

    if (faulty.crashes_last)
        abort();
    return rv;
}

/* The calls that follow, in which a token that is gone shows. */
static CK_RV
get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                    CK_ATTRIBUTE *template, CK_ULONG count)
{
    return is_gone()
               ? CKR_DEVICE_REMOVED
               : lying->C_GetAttributeValue(session, object, template, count);
}

static CK_RV
find_objects_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
                  CK_ULONG count)
{
    return is_gone() ? CKR_DEVICE_REMOVED
                     : lying->C_FindObjectsInit(session, template, count);
}

static CK_RV
destroy_object(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    return is_gone() ? CKR_DEVICE_REMOVED
                     : lying->C_DestroyObject(session, object);
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    CK_RV rv = lying_functions(&lying);

    if (rv != CKR_OK)
        return rv;
    read_lies();
    own = *lying;
    own.C_GetFunctionList = C_GetFunctionList;
    own.C_Initialize = initialize;
    own.C_GetSlotList = get_slot_list;
    own.C_GetInfo = get_info;
    own.C_GetTokenInfo = get_token_info;
    own.C_GetSlotInfo = get_slot_info;
    own.C_GetMechanismInfo = get_mechanism_info;
    own.C_CreateObject = create_object;
    own.C_OpenSession = open_session;
    own.C_SignInit = sign_init;
    own.C_Sign = sign;
    own.C_GenerateKeyPair = generate_key_pair;
    own.C_GetAttributeValue = get_attribute_value;
    own.C_FindObjectsInit = find_objects_init;
    own.C_DestroyObject = destroy_object;
    *list = &own;
    return CKR_OK;
}
