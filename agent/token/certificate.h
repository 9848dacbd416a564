/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An endorsement key's certificate for people: who it is of, who vouches, and
 * for how long.  Its bytes are a TPM's, or those of whoever sits on the bus, so
 * they are parsed in holdfast-token's run for a look, which is confined and has
 * neither key files nor a PIN.
 */
#ifndef AGENT_TOKEN_CERTIFICATE_H
#define AGENT_TOKEN_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/ipc/layout.h"

struct certificate_words {
    /* As RFC 2253 has them, cut where they are too long.  The subject of an EK
     * certificate may be empty (TCG EK Credential Profile, 3.2); it is the
     * first directory name among the alternative names then. */
    char subject[LAYOUT_DN_MAX + 1];
    char issuer[LAYOUT_DN_MAX + 1];
    uint64_t from; /* seconds since the epoch, 0 where it is before */
    uint64_t to;
};

/* Read the certificate that begins at BYTES; how many bytes it has goes into
 * RET_LENGTH, and what stands behind it is not looked at.  False: OpenSSL does
 * not read it, and nothing was written. */
bool certificate_read(const uint8_t *bytes, size_t length,
                      struct certificate_words *ret, size_t *ret_length);

#endif
