/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences go to whoever sent what is refused: formats are ours, and what is
 * printed into them is ours or a number. */
#include "tests/vault/attestation/refuse.h"

#include <stdarg.h>
#include <stdio.h>

#include <openssl/err.h>

__attribute__((format(printf, 3, 0))) static bool
put(struct attestation_fault *ret, enum attestation_fault_kind kind,
    const char *format, va_list arguments)
{
    ret->kind = kind;
    (void)vsnprintf(ret->sentence, sizeof ret->sentence, format, arguments);
    /* OpenSSL keeps errors by thread, and the next request would find these. */
    ERR_clear_error();
    return false;
}

#define REFUSE(name, kind)                                                     \
    bool name(struct attestation_fault *ret, const char *format, ...)          \
    {                                                                          \
        va_list arguments;                                                     \
                                                                               \
        va_start(arguments, format);                                           \
        (void)put(ret, kind, format, arguments);                               \
        va_end(arguments);                                                     \
        return false;                                                          \
    }

REFUSE(refuse_endorsement, ATTESTATION_FAULT_ENDORSEMENT)
REFUSE(refuse_evidence, ATTESTATION_FAULT_EVIDENCE)
REFUSE(refuse_vault, ATTESTATION_FAULT_VAULT)
