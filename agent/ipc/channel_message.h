/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of who may say what to whom: every message between the programs, by
 * channel.
 */
#ifndef AGENT_IPC_CHANNEL_MESSAGE_H
#define AGENT_IPC_CHANNEL_MESSAGE_H

/* Descriptors that a helper may find open; which ones is in
 * agent/holdfast/helper.c. */
enum channel_fd {
    CHANNEL_FD_CONTROL = 3, /* the program that started it */
    CHANNEL_FD_NET,         /* between holdfast-token and holdfast-net */
    CHANNEL_FD_INPUT,       /* credential file, CA file, or source of a PIN */
    CHANNEL_FD_KEYS,        /* the state's keys/ directory */
    CHANNEL_FD_MATERIAL,    /* memfd for the private key */
    CHANNEL_FD_PIN,         /* memfd for the PIN */
    CHANNEL_FD_STREAM_IN,   /* another program's bytes for the vault */
    CHANNEL_FD_STREAM_OUT,  /* and the vault's for it */
    CHANNEL_FD_CRL,         /* file of certificate revocation lists */
    CHANNEL_FD__END
};

/* Every request, by who answers it; X(name, descriptors): a helper is given
 * those of its messages, and no other.  What a message holds, and its answer,
 * is in agent/ipc/layout_field.h. */
#define CHANNEL_BIT(name) (1u << CHANNEL_FD_##name)

/* Control channel of holdfast-credential: the file's content, its key into
 * MATERIAL where that is given; its digest. */
#define CHANNEL_CREDENTIAL(X)                                                  \
    X(CREDENTIAL_PARSE, CHANNEL_BIT(INPUT) | CHANNEL_BIT(MATERIAL))            \
    X(CREDENTIAL_DIGEST, CHANNEL_BIT(INPUT))

/* Control channel of holdfast-token.  RESOLVE reads a URI and opens nothing;
 * LOOK changes nothing in a TPM; what is read or made goes into PIN.  BIND_*
 * and GENERATE give the run an identity, PLAN says what its statements are
 * pinned to. */
#define CHANNEL_TOKEN(X)                                                       \
    X(TOKEN_RESOLVE, 0)                                                        \
    X(TOKEN_LOOK, 0)                                                           \
    X(TOKEN_ENDORSEMENT, 0)                                                    \
    X(TOKEN_READ_PIN, CHANNEL_BIT(INPUT) | CHANNEL_BIT(PIN))                   \
    X(TOKEN_READ_PASSPHRASE, CHANNEL_BIT(INPUT) | CHANNEL_BIT(PIN))            \
    X(TOKEN_MAKE_PASSPHRASE, CHANNEL_BIT(PIN))                                 \
    X(TOKEN_OPEN, CHANNEL_BIT(KEYS) | CHANNEL_BIT(PIN))                        \
    X(TOKEN_IMPORT, CHANNEL_BIT(MATERIAL))                                     \
    X(TOKEN_BIND_CREDENTIAL, 0)                                                \
    X(TOKEN_BIND_MACHINE, 0)                                                   \
    X(TOKEN_PLAN, 0)                                                           \
    X(TOKEN_PROVE, 0)                                                          \
    X(TOKEN_GENERATE, 0)                                                       \
    X(TOKEN_REQUEST, 0)                                                        \
    X(TOKEN_ATTEST, 0)                                                         \
    X(TOKEN_EVIDENCE, 0)                                                       \
    X(TOKEN_ENROL, 0)                                                          \
    X(TOKEN_RECEIPT, 0)                                                        \
    X(TOKEN_REMOVE, 0)

/* Net channel: holdfast-net asks, holdfast-token signs. */
#define CHANNEL_SIGN(X)                                                        \
    X(SIGN_HANDSHAKE, CHANNEL_BIT(NET))                                        \
    X(SIGN_ASSERTION, CHANNEL_BIT(NET))

/* Control channel of holdfast-net: M1 to M7 of docs/protocol.md.  STREAM
 * connects; RELAY is answered when the other program has ended. */
#define CHANNEL_NET(X)                                                         \
    X(NET_CONNECT, CHANNEL_BIT(INPUT) | CHANNEL_BIT(CRL) | CHANNEL_BIT(NET))   \
    X(NET_TOKEN, 0)                                                            \
    X(NET_NONCE, 0)                                                            \
    X(NET_EVIDENCE, 0)                                                         \
    X(NET_AUTHORITIES, 0)                                                      \
    X(NET_ENROL, 0)                                                            \
    X(NET_SELF, 0)                                                             \
    X(NET_LEAVE, 0)                                                            \
    X(NET_STREAM, 0)                                                           \
    X(NET_RELAY, CHANNEL_BIT(STREAM_IN) | CHANNEL_BIT(STREAM_OUT))

/* Control channel of holdfast-inspect. */
#define CHANNEL_INSPECT(X) X(INSPECT_LIST, 0)

enum channel_message {
    CHANNEL_STOP = 0,
    CHANNEL_DONE,
    CHANNEL_FAILED,
#define X(name, descriptors) name,
    CHANNEL_CREDENTIAL(X) CHANNEL_TOKEN(X) CHANNEL_SIGN(X) CHANNEL_NET(X)
        CHANNEL_INSPECT(X)
#undef X
            CHANNEL__MAX
};

/* A token as INSPECT_LIST describes it. */
enum channel_token_flag {
    CHANNEL_TOKEN_INITIALISED = 1 << 0,
    CHANNEL_TOKEN_LOGIN_REQUIRED = 1 << 1,
    CHANNEL_TOKEN_PIN_SET = 1 << 2,
    CHANNEL_TOKEN_OWN_PIN_PAD = 1 << 3,
    CHANNEL_TOKEN_PIN_COUNT_LOW = 1 << 4,
    CHANNEL_TOKEN_PIN_FINAL_TRY = 1 << 5,
    CHANNEL_TOKEN_PIN_LOCKED = 1 << 6,
    CHANNEL_TOKEN_READ_ONLY = 1 << 7,
    CHANNEL_TOKEN_UNWRAPS = 1 << 8,  /* offers to take keys wrapped */
    CHANNEL_TOKEN_HARDWARE = 1 << 9, /* says that it is, and signs there */
    CHANNEL_TOKEN_OF_TPM = 1 << 10,  /* a TPM, by way of tpm2-pkcs11 */
};

#endif
